// Answers: facts of these environments, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Environment(environment_id), HAS_ATTRIBUTE, Attribute(key)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Environment {environment_id: id})
CALL (a) {
  MATCH (a)-[:HAS_ATTRIBUTE]->(n:Attribute)
  WHERE n.key > $key
  RETURN DISTINCT n ORDER BY n.key LIMIT $limit
}
WITH id, n ORDER BY n.key
RETURN collect({id: id, item: n {.*}}) AS rows
