// Answers: move proofs and fixed versions of solutions from one pattern to another, unless the other has them already.
// Params: rows LIST<MAP>
// Reads: Solution(solution_id), PROVEN_IN(pattern_id), FIXED_IN(pattern_id), Environment(environment_id), Version(version_id)
// Writes: PROVEN_IN(pattern_id), FIXED_IN(pattern_id)
// Returns: solution_id, source, target, environments LIST<STRING>, versions LIST<STRING> (of those that changed)
UNWIND $rows AS row
MATCH (s:Solution {solution_id: row.solution_id})
CALL (s, row) {
  MATCH (s)-[r:PROVEN_IN {pattern_id: row.source}]->(e:Environment)
  WHERE (row.environments IS NULL OR e.environment_id IN row.environments)
    AND NOT EXISTS { (s)-[:PROVEN_IN {pattern_id: row.target}]->(e) }
  SET r.pattern_id = row.target
  RETURN collect(e.environment_id) AS environments
}
CALL (s, row) {
  MATCH (s)-[r:FIXED_IN {pattern_id: row.source}]->(v:Version)
  WHERE (row.versions IS NULL OR v.version_id IN row.versions)
    AND NOT EXISTS { (s)-[:FIXED_IN {pattern_id: row.target}]->(v) }
  SET r.pattern_id = row.target
  RETURN collect(v.version_id) AS versions
}
RETURN s.solution_id AS solution_id, row.source AS source, row.target AS target, environments, versions
