// Answers: which of these patterns have no signature and are not merged into another.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), OF_PATTERN, SAME_AS
// Writes: nothing
// Returns: pattern_id
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
WHERE NOT EXISTS { (p)<-[:OF_PATTERN]-() } AND NOT EXISTS { (p)-[:SAME_AS]->(:Pattern) }
RETURN id AS pattern_id
