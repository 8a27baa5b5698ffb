// Answers: the number of patterns that match a network's filter, and the number of relationships of these types between
//   them.
// Params: types LIST<STRING>, min_score FLOAT, severities LIST<STRING>
// Reads: Pattern(severity, status)
// Writes: nothing
// Returns: nodes, edges
// Full scan: it counts every pattern that passes the filter
MATCH (p:Pattern)
WHERE (size($severities) = 0 OR p.severity IN $severities) AND p.status <> 'merged'
WITH count(p) AS nodes, sum(COUNT {
  MATCH (p)-[r:$any($types)]->(q:Pattern)
  WHERE r.score >= $min_score AND (size($severities) = 0 OR q.severity IN $severities)
}) AS edges
RETURN nodes, edges
