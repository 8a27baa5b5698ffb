// Answers: environments at these sites, by their ids, behind a cursor. A node with more than `most` is not expanded:
//   the index is read from the cursor on, as ids are hashes and spread evenly.
// Params: ids LIST<STRING>, key STRING, limit INTEGER, most INTEGER
// Reads: Site(name), AT_SITE, Environment(environment_id)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Site {name: id})
WITH id, a, COUNT { (a)<-[:AT_SITE]-() } AS degree
CALL (a, degree) {
  WITH a, degree WHERE degree <= $most
  MATCH (a)<-[:AT_SITE]-(n:Environment)
  WHERE n.environment_id > $key
  RETURN DISTINCT n ORDER BY n.environment_id LIMIT $limit
  UNION ALL
  WITH a, degree WHERE degree > $most
  MATCH (n:Environment)
  WHERE n.environment_id > $key AND EXISTS { (n)-[:AT_SITE]->(a) }
  RETURN n ORDER BY n.environment_id LIMIT $limit
}
WITH id, n ORDER BY n.environment_id
RETURN collect({id: id, item: n {.*}}) AS rows
