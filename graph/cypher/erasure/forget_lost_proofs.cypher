// Answers: forget the crashes that contradicted proofs.
// Params: ids LIST<STRING>
// Reads: PROVEN_IN(lost_crash_id), Solution(solution_id), Environment
// Writes: PROVEN_IN(lost_crash_id)
// Returns: proofs
// Full scan: proofs are few, and each is reached through its solution.
MATCH (:Solution)-[r:PROVEN_IN]->(:Environment) WHERE r.lost_crash_id IN $ids
SET r.lost_crash_id = NULL
RETURN count(r) AS proofs
