// Answers: which patterns cause which, except refuted causes, with the status and number of crashes of both.
// Params: none
// Reads: Pattern(pattern_id, status, occurrence_count), CAUSES(score, state)
// Writes: nothing
// Returns: causes LIST<STRING>, effects LIST<STRING>, shares LIST<FLOAT>, and patterns: one list of {id, status,
//   count}, one may come twice
// Full scan: root causes follow from all causes together
MATCH (cause:Pattern)-[link:CAUSES]->(effect:Pattern)
WHERE link.state <> 'refuted'
RETURN collect(cause.pattern_id) AS causes, collect(effect.pattern_id) AS effects, collect(link.score) AS shares,
       collect({id: cause.pattern_id, status: cause.status, count: cause.occurrence_count})
       + collect({id: effect.pattern_id, status: effect.status, count: effect.occurrence_count}) AS patterns
