// Answers: the version of a kind of model that is in use; no row while the shipped model is.
// Params: kind STRING
// Reads: ModelVersion(kind, version, base, state, parameters)
// Writes: nothing
// Returns: version, base, parameters
MATCH (m:ModelVersion {kind: $kind, state: 'active'})
RETURN m.version AS version, m.base AS base, m.parameters AS parameters
