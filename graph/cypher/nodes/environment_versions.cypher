// Answers: the version of each of these environments.
// Params: ids LIST<STRING>
// Reads: Environment(environment_id), RUNS_VERSION, Version
// Writes: nothing
// Returns: rows: one list of {ids, item}
MATCH (e:Environment)-[:RUNS_VERSION]->(v:Version) WHERE e.environment_id IN $ids
WITH v, collect(e.environment_id) AS ids
RETURN collect({ids: ids, item: v {.*}}) AS rows
