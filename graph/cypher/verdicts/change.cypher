// Answers: set these properties of these patterns; null takes one away.
// Params: rows LIST<MAP>
// Reads: Pattern(pattern_id)
// Writes: Pattern
// Returns: patterns
UNWIND $rows AS row
MATCH (p:Pattern {pattern_id: row.pattern_id})
SET p += row.properties
RETURN count(p) AS patterns
