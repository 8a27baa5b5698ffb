// Answers: sites with an environment that runs these versions, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Version(version_id), RUNS_VERSION, Environment, AT_SITE, Site(name)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Version {version_id: id})
CALL (a) {
  MATCH (a)<-[:RUNS_VERSION]-(:Environment)-[:AT_SITE]->(n:Site)
  WHERE n.name > $key
  RETURN DISTINCT n ORDER BY n.name LIMIT $limit
}
WITH id, n ORDER BY n.name
RETURN collect({id: id, item: n {.*}}) AS rows
