// Answers: set the counts of solutions for patterns; without properties the solution is removed from the pattern.
// Params: rows LIST<MAP>
// Reads: Solution(solution_id), Pattern(pattern_id), RESOLVES
// Writes: RESOLVES
// Returns: solutions
UNWIND $rows AS row
MATCH (s:Solution {solution_id: row.solution_id})
MATCH (p:Pattern {pattern_id: row.pattern_id})
CALL (s, p, row) {
  WITH s, p, row WHERE row.properties IS NULL
  MATCH (s)-[old:RESOLVES]->(p)
  DELETE old
}
CALL (s, p, row) {
  WITH s, p, row WHERE row.properties IS NOT NULL
  MERGE (s)-[r:RESOLVES]->(p)
  SET r = row.properties
}
RETURN count(*) AS solutions
