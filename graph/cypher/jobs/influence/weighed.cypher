// Answers: Patterns with an influence from the last run.
// Params: none
// Reads: Pattern(pattern_id, influence)
// Writes: nothing
// Returns: ids LIST<STRING>
// Full scan: any pattern may have one; it is found by an index
MATCH (p:Pattern)
WHERE p.influence IS NOT NULL
RETURN collect(p.pattern_id) AS ids
