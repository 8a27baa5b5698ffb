// Answers: places where a solution was applied and no crash came back, unless its proof is noted already.
// Params: limit INTEGER
// Reads: Solution(solution_id), PROVEN_IN(applied_at, lost_at, proven_at), Environment(environment_id)
// Writes: nothing
// Full scan: of the solutions, which people write and which are few
// Returns: solution_id, environment_id, proven
MATCH (s:Solution)-[h:PROVEN_IN]->(e:Environment)
WHERE h.lost_at IS NULL AND h.proven_at IS NULL
RETURN s.solution_id AS solution_id, e.environment_id AS environment_id, h {.*} AS proven
ORDER BY h.applied_at, s.solution_id LIMIT $limit
