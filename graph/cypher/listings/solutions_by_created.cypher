// Answers: one page of solutions that match a filter, latest first, behind a cursor; undated ones are omitted. Null
//   filters match everything.
// Params: at ZONED DATETIME, key STRING, limit INTEGER, error_code STRING, kind STRING, trust STRING, tag STRING
// Reads: Solution(solution_id, created_at, error_code, kind, trust, tags)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (n:Solution)
USING INDEX n:Solution(created_at)
WHERE n.created_at <= $at AND NOT (n.created_at = $at AND n.solution_id <= $key)
  AND ($error_code IS NULL OR n.error_code = $error_code)
  AND ($kind IS NULL OR n.kind = $kind)
  AND ($trust IS NULL OR n.trust = $trust)
  AND ($tag IS NULL OR $tag IN n.tags)
WITH n ORDER BY n.created_at DESC, n.solution_id LIMIT $limit
RETURN collect(n {.*}) AS rows
