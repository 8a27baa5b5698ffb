// Answers: versions that introduced these solutions, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Solution(solution_id), FIXED_IN, Version(version_id)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Solution {solution_id: id})
CALL (a) {
  MATCH (a)-[:FIXED_IN]->(n:Version)
  WHERE n.version_id > $key
  RETURN DISTINCT n ORDER BY n.version_id LIMIT $limit
}
WITH id, n ORDER BY n.version_id
RETURN collect({id: id, item: n {.*}}) AS rows
