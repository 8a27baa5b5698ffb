// Answers: all versions of a kind of model, newest first.
// Params: kind STRING
// Reads: ModelVersion(kind, created_at)
// Writes: nothing
// Returns: model
MATCH (m:ModelVersion {kind: $kind})
RETURN m {.*} AS model ORDER BY m.created_at DESC, m.number DESC
