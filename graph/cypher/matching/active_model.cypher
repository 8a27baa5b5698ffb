// Answers: the learned adjustment of the matching model that is in use, if any.
// Params: none
// Reads: MatchingModel(version, base, state, learned)
// Writes: nothing
// Returns: version, base, learned
MATCH (m:MatchingModel {state: 'active'})
RETURN m.version AS version, m.base AS base, m.learned AS learned
ORDER BY m.number DESC LIMIT 1
