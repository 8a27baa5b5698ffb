// Answers: environments that have these facts, by their ids, behind a cursor. A node with more than `most` is not
//   expanded: the index is read from the cursor on, as ids are hashes and spread evenly.
// Params: ids LIST<STRING>, key STRING, limit INTEGER, most INTEGER
// Reads: Attribute(key), HAS_ATTRIBUTE, Environment(environment_id)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Attribute {key: id})
WITH id, a, COUNT { (a)<-[:HAS_ATTRIBUTE]-() } AS degree
CALL (a, degree) {
  WITH a, degree WHERE degree <= $most
  MATCH (a)<-[:HAS_ATTRIBUTE]-(n:Environment)
  WHERE n.environment_id > $key
  RETURN DISTINCT n ORDER BY n.environment_id LIMIT $limit
  UNION ALL
  WITH a, degree WHERE degree > $most
  MATCH (n:Environment)
  WHERE n.environment_id > $key AND EXISTS { (n)-[:HAS_ATTRIBUTE]->(a) }
  RETURN n ORDER BY n.environment_id LIMIT $limit
}
WITH id, n ORDER BY n.environment_id
RETURN collect({id: id, item: n {.*}}) AS rows
