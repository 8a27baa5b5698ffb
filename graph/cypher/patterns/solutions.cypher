// Answers: the solutions recorded for these patterns, those that worked most often first, behind a cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), RESOLVES(worked, failed), Solution(solution_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank, worked, failed}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})<-[r:RESOLVES]-(s:Solution)
  WITH s, r, coalesce(r.worked, 0) AS rank
  WHERE rank <= $at AND NOT (rank = $at AND s.solution_id <= $key)
  WITH s, r, rank ORDER BY rank DESC, s.solution_id LIMIT $limit
  RETURN collect({node: s {.*}, rank: rank, worked: rank, failed: coalesce(r.failed, 0)}) AS items
}
RETURN collect({id: id, items: items}) AS rows
