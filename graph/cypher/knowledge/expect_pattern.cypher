// Answers: take the write lock of a pattern, and fail with a conflict if it was revised since it was read: its constraint refuses a
//   second node of the same id.
// Params: pattern_id STRING, revisions INTEGER
// Reads: Pattern(pattern_id), REVISES
// Writes: Pattern
// Returns: pattern_id (no row unless there is a conflict)
MATCH (p:Pattern {pattern_id: $pattern_id})
SET p:Pattern
WITH p WHERE COUNT { (p)<-[:REVISES]-() } <> $revisions
CREATE (again:Pattern {pattern_id: p.pattern_id})
RETURN again.pattern_id AS pattern_id
