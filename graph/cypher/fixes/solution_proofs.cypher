// Answers: the environments that these solutions were applied in, with their record since, latest applied first,
//   behind a cursor; a key is the id and the pattern, with a space in between.
// Params: ids LIST<STRING>, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Solution(solution_id), PROVEN_IN(applied_at, pattern_id), Environment(environment_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, proof}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Solution {solution_id: id})-[r:PROVEN_IN]->(n:Environment)
  WITH n, r, n.environment_id + ' ' + r.pattern_id AS key
  WHERE r.applied_at <= $at AND NOT (r.applied_at = $at AND key <= $key)
  WITH n, r ORDER BY r.applied_at DESC, key LIMIT $limit
  RETURN collect({node: n {.*}, proof: properties(r)}) AS items
}
RETURN collect({id: id, items: items}) AS rows
