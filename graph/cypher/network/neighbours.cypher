// Answers: the neighbours of these patterns over relationships of these types, strongest first, at most `limit`, and
//   their total number.
// Params: ids LIST<STRING>, seen LIST<STRING>, types LIST<STRING>, min_score FLOAT, severities LIST<STRING>, limit
//   INTEGER
// Reads: Pattern(pattern_id, severity, occurrence_count)
// Writes: nothing
// Returns: ids, total
MATCH (p:Pattern) WHERE p.pattern_id IN $ids
MATCH (p)-[r:$any($types)]-(q:Pattern)
WHERE r.score >= $min_score
  AND (size($severities) = 0 OR q.severity IN $severities)
  AND NOT q.pattern_id IN $seen
WITH q, max(r.score) AS score
ORDER BY score DESC, q.occurrence_count DESC, q.pattern_id
WITH collect(q.pattern_id) AS ids
RETURN ids[0..$limit] AS ids, size(ids) AS total
