// Answers: a page of the patterns with the highest influence among causes, behind a cursor.
// Params: value FLOAT, key STRING, limit INTEGER
// Reads: Pattern(pattern_id, status, influence)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (p:Pattern)
WHERE p.influence > 0 AND p.influence <= $value AND NOT (p.influence = $value AND p.pattern_id <= $key)
  AND coalesce(p.status, 'open') <> 'merged'
WITH p ORDER BY p.influence DESC, p.pattern_id LIMIT $limit
RETURN collect(properties(p)) AS rows
