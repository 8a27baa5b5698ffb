// Answers: the solutions of these patterns, with their counts.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), RESOLVES, Solution(solution_id)
// Writes: nothing
// Returns: pattern_id, solution_id, properties
UNWIND $ids AS id
MATCH (:Pattern {pattern_id: id})<-[r:RESOLVES]-(s:Solution)
RETURN id AS pattern_id, s.solution_id AS solution_id, properties(r) AS properties
