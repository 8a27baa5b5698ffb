// Answers: when and how often these patterns were seen, and the solutions recorded for them, best first.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id, first_seen, last_seen, occurrence_count), RESOLVES(worked, failed),
//   Solution(solution_id, description, confidence)
// Writes: nothing
// Returns: pattern_id, first_seen, last_seen, occurrence_count, solutions (list of maps)
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  MATCH (s:Solution)-[r:RESOLVES]->(p)
  WITH s, r ORDER BY coalesce(r.worked, 0) DESC, s.solution_id
  RETURN collect({
    solution_id: s.solution_id, description: s.description, confidence: coalesce(s.confidence, 0.5),
    worked: coalesce(r.worked, 0), failed: coalesce(r.failed, 0)
  }) AS solutions
}
RETURN p.pattern_id AS pattern_id, p.first_seen AS first_seen, p.last_seen AS last_seen,
       p.occurrence_count AS occurrence_count, solutions
