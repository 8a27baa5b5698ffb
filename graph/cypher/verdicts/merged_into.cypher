// Answers: which of these patterns are merged into which other, and by which verdict.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), SAME_AS(verdict_id), Verdict(verdict_id, kind, by)
// Writes: nothing
// Returns: pattern_id, into, verdict_id, kind and by (none for one that stands)
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
OPTIONAL MATCH (p)-[r:SAME_AS]->(q:Pattern)
OPTIONAL MATCH (v:Verdict {verdict_id: r.verdict_id})
RETURN p.pattern_id AS pattern_id, q.pattern_id AS into, r.verdict_id AS verdict_id, v.kind AS kind, v.by AS by
