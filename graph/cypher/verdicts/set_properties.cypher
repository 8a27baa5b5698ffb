// Answers: set properties of patterns; null removes one.
// Params: rows LIST<MAP>
// Reads: Pattern(pattern_id)
// Writes: Pattern
// Returns: patterns
UNWIND $rows AS row
MATCH (p:Pattern {pattern_id: row.pattern_id})
SET p += row.properties
RETURN count(p) AS patterns
