// Answers: the largest patterns that match a network's filter and that a relationship of these types joins to another
//   that does; the number of such patterns, and that of relationships between them.
// Params: types LIST<STRING>, min_score FLOAT, severities LIST<STRING>, limit INTEGER
// Reads: Pattern(pattern_id, severity, status, occurrence_count)
// Writes: nothing
// Returns: ids, nodes, edges
// Full scan: it counts every pattern that passes the filter
MATCH (p:Pattern)
WHERE (size($severities) = 0 OR p.severity IN $severities) AND p.status <> 'merged'
  AND EXISTS {
    MATCH (p)-[r:$any($types)]-(q:Pattern)
    WHERE r.score >= $min_score AND (size($severities) = 0 OR q.severity IN $severities)
  }
WITH p ORDER BY p.occurrence_count DESC, p.pattern_id
WITH collect(p) AS linked
CALL (linked) {
  UNWIND linked AS p
  MATCH (p)-[r:$any($types)]->(q:Pattern)
  WHERE r.score >= $min_score AND (size($severities) = 0 OR q.severity IN $severities) AND q.status <> 'merged'
  RETURN count(r) AS edges
}
RETURN [p IN linked[0..$limit] | p.pattern_id] AS ids, size(linked) AS nodes, edges
