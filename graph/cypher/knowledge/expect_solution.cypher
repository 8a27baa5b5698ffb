// Answers: take the write lock of a solution, and fail with a conflict if it was used since it was read: its constraint refuses a
//   second node of the same id.
// Params: solution_id STRING, pattern_id STRING, seen LIST<INTEGER>
// Reads: Solution(solution_id, success_count, failure_count, feedback_count), Pattern(pattern_id),
//   RESOLVES(worked, failed, session_worked, session_failed)
// Writes: Solution
// Returns: solution_id (no row unless there is a conflict)
MATCH (s:Solution {solution_id: $solution_id})
SET s:Solution
WITH s
OPTIONAL MATCH (s)-[r:RESOLVES]->(:Pattern {pattern_id: $pattern_id})
WITH s, [coalesce(s.success_count, 0), coalesce(s.failure_count, 0), coalesce(s.feedback_count, 0), coalesce(r.worked, 0),
         coalesce(r.failed, 0), coalesce(r.session_worked, 0), coalesce(r.session_failed, 0)] AS now
WHERE now <> $seen
CREATE (again:Solution {solution_id: s.solution_id})
RETURN again.solution_id AS solution_id
