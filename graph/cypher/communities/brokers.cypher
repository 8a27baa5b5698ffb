// Answers: a page of the patterns with the highest brokerage among causes, behind a cursor.
// Params: value FLOAT, key STRING, limit INTEGER
// Reads: Pattern(pattern_id, status, brokerage)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (p:Pattern)
WHERE p.brokerage > 0 AND p.brokerage <= $value AND NOT (p.brokerage = $value AND p.pattern_id <= $key)
  AND coalesce(p.status, 'open') <> 'merged'
WITH p ORDER BY p.brokerage DESC, p.pattern_id LIMIT $limit
RETURN collect(properties(p)) AS rows
