// Answers: set properties of a pattern; null removes one.
// Params: pattern_id STRING, changes MAP
// Reads: Pattern(pattern_id)
// Writes: Pattern
// Returns: pattern
MATCH (p:Pattern {pattern_id: $pattern_id})
SET p += $changes
RETURN p {.*} AS pattern
