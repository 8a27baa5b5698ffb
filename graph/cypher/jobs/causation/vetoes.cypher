// Answers: of which patterns people said that one does not cause the other.
// Params: none
// Reads: Pattern(pattern_id), NOT_CAUSED_BY
// Writes: nothing
// Returns: causes LIST<STRING>, effects LIST<STRING>
// Full scan: all such verdicts are wanted, and there are few.
MATCH (effect:Pattern)-[:NOT_CAUSED_BY]->(cause:Pattern)
RETURN collect(cause.pattern_id) AS causes, collect(effect.pattern_id) AS effects
