// Answers: the solutions applied at an environment's product and site, with their patterns, counts and proofs.
// Params: environment_id STRING, limit INTEGER
// Reads: Environment(environment_id, site, product), PROVEN_IN(pattern_id, applied_at, lost_at, worked), Solution(solution_id), RESOLVES,
//   Pattern(pattern_id)
// Writes: nothing
// Returns: solution, pattern, resolves, proven, environment_id; those that hold first, the longest standing first
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
OPTIONAL MATCH (s)-[r:RESOLVES]->(p:Pattern {pattern_id: h.pattern_id})
RETURN s {.*} AS solution, p {.*} AS pattern, r {.*} AS resolves, h {.*} AS proven, same.environment_id AS environment_id
ORDER BY h.lost_at IS NOT NULL, h.applied_at, s.solution_id
LIMIT $limit
