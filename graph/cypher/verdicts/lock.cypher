// Answers: take the write locks of these patterns in this order, so that no ingest rolls them up meanwhile.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id)
// Writes: Pattern
// Returns: patterns
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
SET p:Pattern
RETURN count(p) AS patterns
