// Answers: nothing; a new version of what was learned.
// Params: model MAP
// Reads: nothing
// Writes: MatchingModel
// Returns: version
CREATE (m:MatchingModel)
SET m = $model
RETURN m.version AS version
