// Answers: versions that environments at these sites run, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Site(name), AT_SITE, Environment, RUNS_VERSION, Version(version_id)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Site {name: id})
CALL (a) {
  MATCH (a)<-[:AT_SITE]-(:Environment)-[:RUNS_VERSION]->(n:Version)
  WHERE n.version_id > $key
  RETURN DISTINCT n ORDER BY n.version_id LIMIT $limit
}
WITH id, n ORDER BY n.version_id
RETURN collect({id: id, item: n {.*}}) AS rows
