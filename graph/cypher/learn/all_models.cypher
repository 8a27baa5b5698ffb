// Answers: what was learned, in versions, the newest first.
// Params: none
// Reads: MatchingModel
// Writes: nothing
// Returns: model
// Full scan: there are as many as trainings that helped, a few at most.
MATCH (m:MatchingModel)
RETURN m {.*} AS model ORDER BY m.number DESC
