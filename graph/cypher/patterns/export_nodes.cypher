// Answers: every pattern.
// Params: none
// Reads: Pattern
// Writes: nothing
// Returns: pattern
// Full scan: an export is of everything
MATCH (pattern:Pattern)
RETURN pattern
ORDER BY pattern.pattern_id
