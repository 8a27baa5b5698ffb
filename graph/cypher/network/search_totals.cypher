// Answers: how many patterns whose name has the words of a full-text query match a network's filter, and how many
//   relationships of these types join two of them.
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
