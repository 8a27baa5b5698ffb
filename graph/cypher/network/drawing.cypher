// Answers: these patterns and the derived relationships between them, as nodes and edges that the Browser draws.
// Params: ids LIST<STRING>, min_score FLOAT
// Reads: Pattern(pattern_id), CO_OCCURS_WITH(score)
// Writes: nothing
// Returns: pattern, relationships
MATCH (pattern:Pattern)
WHERE pattern.pattern_id IN $ids
OPTIONAL MATCH (pattern)-[related]->(other:Pattern)
WHERE other.pattern_id IN $ids AND related.score >= $min_score
RETURN pattern, collect(related) AS relationships
ORDER BY pattern.occurrence_count DESC
