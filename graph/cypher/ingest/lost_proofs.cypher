// Answers: mark proofs of solutions as lost where the pattern crashed again after the solution was applied, unless the crash is of
//   a version older than the one that has the solution.
// Params: rows LIST<MAP>
// Reads: Signature(exact), OF_PATTERN, Pattern(pattern_id), RESOLVES, Solution(solution_id),
//   PROVEN_IN(pattern_id, applied_at, lost_at, version_order), Environment(environment_id, product, site)
// Writes: PROVEN_IN(lost_at, lost_crash_id)
// Returns: solution_id, pattern_id, environment_id, crash_id
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})-[:OF_PATTERN]->(p:Pattern)<-[:RESOLVES]-(x:Solution)-[h:PROVEN_IN]->(e:Environment)
WHERE h.pattern_id = p.pattern_id AND h.lost_at IS NULL AND row.at > h.applied_at
  AND (e.environment_id = row.environment_id OR (e.site = row.site AND coalesce(e.product, '') = row.product))
  AND (h.version_order IS NULL OR row.order IS NULL OR row.order >= h.version_order)
WITH h, x, e, row ORDER BY row.at
WITH h, x, e, collect(row)[0] AS row
SET h.lost_at = row.at, h.lost_crash_id = row.crash_id
RETURN x.solution_id AS solution_id, h.pattern_id AS pattern_id, e.environment_id AS environment_id, row.crash_id AS crash_id
