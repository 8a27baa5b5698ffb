// Answers: which pairs of standing patterns people said to be different (`DISTINCT_FROM`, whichever of them is named), or the
//   second not to cause the first (`NOT_CAUSED_BY`): what a job must not say otherwise.
// Params: ordinal INTEGER
// Reads: Verdict(verdict_id, ordinal, undone_at), DISTINCT_FROM(verdict_id), NOT_CAUSED_BY(verdict_id), Pattern(pattern_id),
//   Signature, OF_PATTERN
// Writes: nothing
// Returns: type, source, target (ids of patterns), verdict_id
MATCH (v:Verdict) WHERE v.ordinal > $ordinal AND v.undone_at IS NULL
CALL (v) {
  MATCH (m)-[r:DISTINCT_FROM]->(n) WHERE r.verdict_id = v.verdict_id
  RETURN m, r, n
  UNION
  MATCH (m)-[r:NOT_CAUSED_BY]->(n) WHERE r.verdict_id = v.verdict_id
  RETURN m, r, n
}
OPTIONAL MATCH (m)-[:OF_PATTERN]->(p:Pattern)
OPTIONAL MATCH (n)-[:OF_PATTERN]->(q:Pattern)
WITH type(r) AS type, coalesce(p.pattern_id, m.pattern_id) AS source, coalesce(q.pattern_id, n.pattern_id) AS target, v
WHERE source <> target
RETURN DISTINCT type, source, target, v.verdict_id AS verdict_id
ORDER BY type, source, target, verdict_id
