// Answers: the version of each of these environments.
// Params: ids LIST<STRING>
// Reads: Environment(environment_id), RUNS_VERSION, Version
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (e:Environment)-[:RUNS_VERSION]->(v:Version) WHERE e.environment_id IN $ids
RETURN collect({id: e.environment_id, item: v {.*}}) AS rows
