// Answers: the versions of a kind of model that were trained from one shipped version, newest first.
// Params: kind STRING, base STRING
// Reads: ModelVersion(kind, version, number, base, state, parameters, follows, trained_until)
// Writes: nothing
// Returns: version, number, base, state, parameters, follows, trained_until
MATCH (m:ModelVersion {kind: $kind}) WHERE m.base = $base
RETURN m.version AS version, m.number AS number, m.base AS base, m.state AS state, m.parameters AS parameters,
       m.follows AS follows, m.trained_until AS trained_until
ORDER BY m.number DESC
