// Answers: verdicts on each signature and on those with the same structural hash: their pattern, and the patterns they are
//   distinct from. No rows if the graph has no verdict. A structural hash shared by more than `limit` signatures is ignored.
// Params: signatures LIST<MAP>, limit INTEGER
// Reads: Verdict(ordinal), Signature(exact, structural), OF_PATTERN(strategy, verdict_id), Pattern(pattern_id, name),
//   SAME_AS(verdict_id), DISTINCT_FROM(verdict_id)
// Writes: nothing
// Returns: exact (of the incoming signature), placed (list of {exact, pattern_id, pattern_name, decided, verdict_ids,
//   apart: list of {pattern_id, verdict_id}})
MATCH (v:Verdict) WHERE v.ordinal >= 1
WITH v LIMIT 1
UNWIND $signatures AS incoming
CALL (incoming) {
  MATCH (s:Signature {exact: incoming.exact})
  RETURN s
  UNION
  WITH incoming WHERE COUNT { MATCH (t:Signature {structural: incoming.structural}) RETURN t LIMIT 1000 } <= $limit
  MATCH (s:Signature {structural: incoming.structural})
  RETURN s
}
MATCH (s)-[o:OF_PATTERN]->(p:Pattern)
CALL (s, p) {
  CALL (s, p) {
    MATCH (s)-[r:DISTINCT_FROM]-(x)
    RETURN r, x
    UNION
    MATCH (p)-[r:DISTINCT_FROM]-(x:Pattern) // applies to this signature's pattern, not to the others in it now
    RETURN r, x
  }
  OPTIONAL MATCH (x)-[:OF_PATTERN]->(y:Pattern)
  RETURN collect(DISTINCT {pattern_id: coalesce(y.pattern_id, x.pattern_id), verdict_id: r.verdict_id}) AS apart
}
WITH incoming, s, o, p, apart, COLLECT { MATCH (s)-[r:SAME_AS]-() RETURN DISTINCT r.verdict_id } AS same
RETURN incoming.exact AS exact, collect({
         exact: s.exact, pattern_id: p.pattern_id, pattern_name: p.name, decided: o.strategy = 'verdict' OR size(same) > 0,
         verdict_ids: [id IN [o.verdict_id] + same WHERE id IS NOT NULL], apart: apart
       }) AS placed
