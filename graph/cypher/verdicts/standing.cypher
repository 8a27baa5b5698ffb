// Answers: which of these patterns stand, and what the others became part of by which verdict.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), SAME_AS(verdict_id)
// Writes: nothing
// Returns: pattern_id, into, verdict_id (none for one that stands)
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
OPTIONAL MATCH (p)-[r:SAME_AS]->(q:Pattern)
RETURN p.pattern_id AS pattern_id, q.pattern_id AS into, r.verdict_id AS verdict_id
