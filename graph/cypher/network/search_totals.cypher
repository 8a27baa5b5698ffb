// Answers: the number of patterns that match a full-text query on the name and a network's filter, and the number of
//   relationships of these types between them.
// Params: words STRING, types LIST<STRING>, min_score FLOAT, severities LIST<STRING>
// Reads: Pattern(name, severity, status)
// Writes: nothing
// Returns: nodes, edges
CALL db.index.fulltext.queryNodes('pattern_fulltext', $words) YIELD node AS p
WITH p WHERE (size($severities) = 0 OR p.severity IN $severities) AND p.status <> 'merged'
WITH collect(p) AS named
CALL (named) {
  UNWIND named AS p
  MATCH (p)-[r:$any($types)]->(q:Pattern)
  WHERE r.score >= $min_score AND q IN named
  RETURN count(r) AS edges
}
RETURN size(named) AS nodes, edges
