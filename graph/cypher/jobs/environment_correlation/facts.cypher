// Answers: Properties of these environments.
// Params: ids LIST<STRING>
// Reads: Environment(environment_id)
// Writes: nothing
// Returns: rows: one list of maps
UNWIND $ids AS id
MATCH (e:Environment {environment_id: id})
RETURN collect(e {.*}) AS rows
