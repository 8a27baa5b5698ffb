// Answers: remove a pattern that a verdict founded and that has no signature left; its history stays under its id.
// Params: pattern_id STRING
// Reads: Pattern(pattern_id), OF_PATTERN
// Writes: Pattern
// Returns: removed
MATCH (p:Pattern {pattern_id: $pattern_id})
WHERE NOT EXISTS { (p)<-[:OF_PATTERN]-() }
DETACH DELETE p
RETURN count(*) AS removed
