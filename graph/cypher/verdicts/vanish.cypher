// Answers: remove a pattern that a verdict made and that has no signature any more; its history stays, by its id.
// Params: pattern_id STRING
// Reads: Pattern(pattern_id), OF_PATTERN
// Writes: Pattern
// Returns: removed
MATCH (p:Pattern {pattern_id: $pattern_id})
WHERE NOT EXISTS { (p)<-[:OF_PATTERN]-() }
DETACH DELETE p
RETURN count(*) AS removed
