// Answers: solutions that these versions introduced, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Version(version_id), FIXED_IN, Solution(solution_id)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Version {version_id: id})
CALL (a) {
  MATCH (a)<-[:FIXED_IN]-(n:Solution)
  WHERE n.solution_id > $key
  RETURN DISTINCT n ORDER BY n.solution_id LIMIT $limit
}
WITH id, n ORDER BY n.solution_id
RETURN collect({id: id, item: n {.*}}) AS rows
