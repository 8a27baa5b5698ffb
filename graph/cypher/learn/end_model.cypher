// Answers: nothing; what was learned goes out of use, or comes back.
// Params: version STRING, state STRING
// Reads: MatchingModel(version)
// Writes: MatchingModel(state)
// Returns: version
MATCH (m:MatchingModel {version: $version})
SET m.state = $state
RETURN m.version AS version
