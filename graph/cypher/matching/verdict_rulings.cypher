// Answers: what people decided about each of these signatures and about those of the same structure: where they are, and which
//   patterns they do not belong to. No row where nobody ever decided anything. A structure that more signatures have than
//   `limit` says too little and counts for nothing; an empty one is none.
// Params: questions LIST<MAP>, limit INTEGER
// Reads: Verdict(ordinal), Signature(exact, structural), OF_PATTERN(strategy, verdict_id), Pattern(pattern_id, name),
//   SAME_AS(verdict_id), DISTINCT_FROM(verdict_id)
// Writes: nothing
// Returns: exact (of the question), placed (list of {exact, pattern_id, pattern_name, decided, verdict_ids,
//   apart: list of {pattern_id, verdict_id}})
MATCH (v:Verdict) WHERE v.ordinal >= 1
WITH v LIMIT 1
UNWIND $questions AS question
CALL (question) {
  MATCH (s:Signature {exact: question.exact})
  RETURN s
  UNION
  WITH question WHERE COUNT { MATCH (t:Signature {structural: question.structural}) RETURN t LIMIT 1000 } <= $limit
  MATCH (s:Signature {structural: question.structural})
  RETURN s
}
MATCH (s)-[o:OF_PATTERN]->(p:Pattern)
CALL (s, p) {
  CALL (s, p) {
    MATCH (s)-[r:DISTINCT_FROM]-(x)
    RETURN r, x
    UNION
    MATCH (p)-[r:DISTINCT_FROM]-(x:Pattern) // of a signature it speaks, not of the others where that is now
    RETURN r, x
  }
  OPTIONAL MATCH (x)-[:OF_PATTERN]->(y:Pattern)
  RETURN collect(DISTINCT {pattern_id: coalesce(y.pattern_id, x.pattern_id), verdict_id: r.verdict_id}) AS apart
}
WITH question, s, o, p, apart, COLLECT { MATCH (s)-[r:SAME_AS]-() RETURN DISTINCT r.verdict_id } AS same
RETURN question.exact AS exact, collect({
         exact: s.exact, pattern_id: p.pattern_id, pattern_name: p.name, decided: o.strategy = 'verdict' OR size(same) > 0,
         verdict_ids: [id IN [o.verdict_id] + same WHERE id IS NOT NULL], apart: apart
       }) AS placed
