// Answers: the largest patterns that match a network's filter and that a relationship of these types joins to another
//   that does, those with a name that matches a full-text query; the number of such patterns, and that of relationships
//   between them.
// Params: words STRING, types LIST<STRING>, min_score FLOAT, severities LIST<STRING>, limit INTEGER
// Reads: Pattern(pattern_id, severity, status, occurrence_count, name)
// Writes: nothing
// Returns: ids, nodes, edges
CALL db.index.fulltext.queryNodes('pattern_fulltext', $words) YIELD node AS p
WITH p
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
  WHERE r.score >= $min_score AND q IN linked
  RETURN count(r) AS edges
}
RETURN [p IN linked[0..$limit] | p.pattern_id] AS ids, size(linked) AS nodes, edges
