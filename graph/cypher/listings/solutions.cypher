// Answers: one page of solutions that match a filter, by their ids, behind a cursor. Null filters match everything.
// Params: key STRING, limit INTEGER, error_code STRING, kind STRING, trust STRING, tag STRING
// Reads: Solution(solution_id, error_code, kind, trust, tags)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (n:Solution)
USING INDEX n:Solution(solution_id)
WHERE n.solution_id > $key
  AND ($error_code IS NULL OR n.error_code = $error_code)
  AND ($kind IS NULL OR n.kind = $kind)
  AND ($trust IS NULL OR n.trust = $trust)
  AND ($tag IS NULL OR $tag IN n.tags)
WITH n ORDER BY n.solution_id LIMIT $limit
RETURN collect(n {.*}) AS rows
