// Answers: the facts that a network shows about these patterns, and the number of matching neighbours outside of it.
// Params: ids LIST<STRING>, types LIST<STRING>, min_score FLOAT, severities LIST<STRING>
// Reads: Pattern(pattern_id, severity), OF_PATTERN, RESOLVES(worked), Solution(solution_id, description),
//   CORRELATES_WITH(p_value, attribute, value, share, share_others)
// Writes: nothing
// Returns: rows: one list of {id, pattern, signature_count, solutions (the three that worked most often), correlations
//   (three), hidden}
MATCH (p:Pattern) WHERE p.pattern_id IN $ids
RETURN collect({
  id: p.pattern_id,
  pattern: p {.*},
  signature_count: COUNT { (p)<-[:OF_PATTERN]-() },
  solutions: COLLECT {
    MATCH (s:Solution)-[did:RESOLVES]->(p)
    RETURN {description: s.description, worked: coalesce(did.worked, 0)}
    ORDER BY coalesce(did.worked, 0) DESC, s.solution_id LIMIT 3
  },
  correlations: COLLECT {
    MATCH (p)-[found:CORRELATES_WITH]->()
    RETURN found {.attribute, .value, .share, .share_others}
    ORDER BY found.p_value, found.attribute, found.value LIMIT 3
  },
  hidden: size(COLLECT {
    MATCH (p)-[r:$any($types)]-(q:Pattern)
    WHERE r.score >= $min_score
      AND (size($severities) = 0 OR q.severity IN $severities)
      AND NOT q.pattern_id IN $ids
    RETURN DISTINCT q.pattern_id
  })
}) AS rows
