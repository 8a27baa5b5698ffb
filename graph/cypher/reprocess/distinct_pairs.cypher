// Answers: pairs that active verdicts call distinct: label and key of each end, and its pattern.
// Params: ordinal INTEGER
// Reads: Verdict(verdict_id, ordinal, undone_at), DISTINCT_FROM(verdict_id), Signature(exact), Pattern(pattern_id), OF_PATTERN
// Writes: nothing
// Returns: verdict_id, a, b (as `Label:key`), home_a, home_b (ids of patterns)
MATCH (v:Verdict) WHERE v.ordinal > $ordinal AND v.undone_at IS NULL
MATCH (m)-[r:DISTINCT_FROM]->(n) WHERE r.verdict_id = v.verdict_id
OPTIONAL MATCH (m)-[:OF_PATTERN]->(p:Pattern)
OPTIONAL MATCH (n)-[:OF_PATTERN]->(q:Pattern)
RETURN DISTINCT v.verdict_id AS verdict_id, head(labels(m)) + ':' + coalesce(m.exact, m.pattern_id) AS a,
       head(labels(n)) + ':' + coalesce(n.exact, n.pattern_id) AS b,
       coalesce(p.pattern_id, m.pattern_id) AS home_a, coalesce(q.pattern_id, n.pattern_id) AS home_b
ORDER BY verdict_id, a, b
