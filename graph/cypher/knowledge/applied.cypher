// Answers: a page of the solutions applied at an environment's product and site, with their patterns, counts and
//   proofs, behind a cursor: whether the proof is lost, when the solution was applied, and a key of its id, the pattern
//   and the environment, with spaces in between.
// Params: environment_id STRING, lost BOOLEAN, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Environment(environment_id, site, product), PROVEN_IN(pattern_id, applied_at, lost_at, worked),
//   Solution(solution_id), RESOLVES, Pattern(pattern_id)
// Writes: nothing
// Returns: solution, pattern, resolves, proven, environment_id, key; those that hold first, the longest standing first
MATCH (e:Environment {environment_id: $environment_id})
CALL (e) {
  WITH e WHERE e.site IS NULL
  RETURN e AS same
  UNION
  MATCH (same:Environment {site: e.site})
  WHERE coalesce(same.product, '') = coalesce(e.product, '')
  RETURN same
}
MATCH (s:Solution)-[h:PROVEN_IN]->(same)
WITH s, h, same, h.lost_at IS NOT NULL AS lost, s.solution_id + ' ' + h.pattern_id + ' ' + same.environment_id AS key
WHERE (lost AND NOT $lost) OR (lost = $lost AND (h.applied_at > $at OR (h.applied_at = $at AND key > $key)))
WITH s, h, same, lost, key ORDER BY lost, h.applied_at, key LIMIT $limit
OPTIONAL MATCH (s)-[r:RESOLVES]->(p:Pattern {pattern_id: h.pattern_id})
RETURN s {.*} AS solution, p {.*} AS pattern, r {.*} AS resolves, h {.*} AS proven, same.environment_id AS environment_id, key
ORDER BY lost, h.applied_at, key
