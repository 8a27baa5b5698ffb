// Answers: note that solutions are proven at places, where no crash came back meanwhile.
// Params: rows LIST<MAP>, at ZONED DATETIME
// Reads: Solution(solution_id), PROVEN_IN(pattern_id, lost_at), Environment(environment_id)
// Writes: PROVEN_IN(proven_at)
// Returns: marked
UNWIND $rows AS row
MATCH (s:Solution {solution_id: row.solution_id})-[h:PROVEN_IN]->(e:Environment {environment_id: row.environment_id})
WHERE h.pattern_id = row.pattern_id AND h.lost_at IS NULL
SET h.proven_at = $at
RETURN count(h) AS marked
