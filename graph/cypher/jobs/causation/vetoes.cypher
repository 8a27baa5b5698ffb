// Answers: Pairs of patterns of which a verdict denies that one causes the other.
// Params: none
// Reads: Pattern(pattern_id), NOT_CAUSED_BY
// Writes: nothing
// Returns: causes LIST<STRING>, effects LIST<STRING>
// Full scan: all such verdicts are wanted, and there are few.
MATCH (effect:Pattern)-[:NOT_CAUSED_BY]->(cause:Pattern)
RETURN collect(cause.pattern_id) AS causes, collect(effect.pattern_id) AS effects
