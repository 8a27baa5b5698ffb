// Answers: store a solution and its counts for a pattern after a use.
// Params: solution_id STRING, pattern_id STRING, solution MAP, resolves MAP
// Reads: Solution(solution_id), Pattern(pattern_id)
// Writes: Solution, RESOLVES
// Returns: solution, resolves
MATCH (s:Solution {solution_id: $solution_id})
MATCH (p:Pattern {pattern_id: $pattern_id})
SET s += $solution
MERGE (s)-[r:RESOLVES]->(p)
SET r += $resolves
RETURN s {.*} AS solution, r {.*} AS resolves
