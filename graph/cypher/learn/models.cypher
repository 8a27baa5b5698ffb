// Answers: what was learned for one shipped model, in versions, the newest first.
// Params: base STRING
// Reads: MatchingModel(version, number, base, state, learned, follows, trained_until)
// Writes: nothing
// Returns: version, number, base, state, learned, follows, trained_until
// Full scan: there are as many as trainings that helped, a few at most.
MATCH (m:MatchingModel) WHERE m.base = $base
RETURN m.version AS version, m.number AS number, m.base AS base, m.state AS state, m.learned AS learned,
       m.follows AS follows, m.trained_until AS trained_until
ORDER BY m.number DESC
