// Answers: the patterns merged into these ones, directly or through others.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), SAME_AS
// Writes: nothing
// Returns: pattern_id
UNWIND $ids AS id
MATCH (:Pattern {pattern_id: id})<-[:SAME_AS*1..]-(merged:Pattern)
RETURN DISTINCT merged.pattern_id AS pattern_id
