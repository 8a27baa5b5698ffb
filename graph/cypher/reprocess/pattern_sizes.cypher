// Answers: names of patterns and their number of signatures.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id, name, status), OF_PATTERN
// Writes: nothing
// Returns: pattern_id, name, status, signatures
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
RETURN id AS pattern_id, p.name AS name, p.status AS status, COUNT { (p)<-[:OF_PATTERN]-() } AS signatures
