// Answers: the patterns that these solutions were recorded for, those that they worked for most often first, behind a
//   cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER
// Reads: Solution(solution_id), RESOLVES(worked, failed), Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank, worked, failed}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Solution {solution_id: id})-[r:RESOLVES]->(p:Pattern)
  WITH p, r, coalesce(r.worked, 0) AS rank
  WHERE rank <= $at AND NOT (rank = $at AND p.pattern_id <= $key)
  WITH p, r, rank ORDER BY rank DESC, p.pattern_id LIMIT $limit
  RETURN collect({node: p {.*}, rank: rank, worked: rank, failed: coalesce(r.failed, 0)}) AS items
}
RETURN collect({id: id, items: items}) AS rows
