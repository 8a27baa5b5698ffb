// Answers: whether a solution with this id exists.
// Params: solution_id STRING
// Reads: Solution(solution_id)
// Writes: nothing
// Returns: solution_id
MATCH (s:Solution {solution_id: $solution_id})
RETURN s.solution_id AS solution_id
