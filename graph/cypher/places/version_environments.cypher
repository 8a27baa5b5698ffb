// Answers: environments that run these versions, by their ids, behind a cursor. A node with more than `most` is not
//   expanded: the index is read from the cursor on, as ids are hashes and spread evenly.
// Params: ids LIST<STRING>, key STRING, limit INTEGER, most INTEGER
// Reads: Version(version_id), RUNS_VERSION, Environment(environment_id)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Version {version_id: id})
WITH id, a, COUNT { (a)<-[:RUNS_VERSION]-() } AS degree
CALL (a, degree) {
  WITH a, degree WHERE degree <= $most
  MATCH (a)<-[:RUNS_VERSION]-(n:Environment)
  WHERE n.environment_id > $key
  RETURN DISTINCT n ORDER BY n.environment_id LIMIT $limit
  UNION ALL
  WITH a, degree WHERE degree > $most
  MATCH (n:Environment)
  WHERE n.environment_id > $key AND EXISTS { (n)-[:RUNS_VERSION]->(a) }
  RETURN n ORDER BY n.environment_id LIMIT $limit
}
WITH id, n ORDER BY n.environment_id
RETURN collect({id: id, item: n {.*}}) AS rows
