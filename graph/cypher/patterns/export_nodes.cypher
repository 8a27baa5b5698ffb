// Answers: every pattern.
// Params: none
// Reads: Pattern
// Writes: nothing
// Returns: pattern
// Full scan: an export contains everything
MATCH (pattern:Pattern)
RETURN pattern
ORDER BY pattern.pattern_id
