// Answers: these patterns and the strongest derived relationships between them, as nodes and edges that the Browser
//   draws.
// Params: ids LIST<STRING>, types LIST<STRING>, min_score FLOAT, limit INTEGER
// Reads: Pattern(pattern_id), CO_OCCURS_WITH(score)
// Writes: nothing
// Returns: pattern, relationships (those that start at it)
MATCH (pattern:Pattern)
WHERE pattern.pattern_id IN $ids
WITH collect(pattern) AS patterns
CALL (patterns) {
  UNWIND patterns AS source
  MATCH (source)-[related]->(target:Pattern)
  WHERE type(related) IN $types AND target IN patterns AND related.score >= $min_score
  WITH source, related, target
  ORDER BY related.score DESC, source.pattern_id, target.pattern_id LIMIT $limit
  RETURN collect(related) AS strongest
}
UNWIND patterns AS pattern
RETURN pattern, [related IN strongest WHERE startNode(related) = pattern] AS relationships
ORDER BY pattern.occurrence_count DESC, pattern.pattern_id
