// Answers: Patterns that each solution resolved: it worked more often than it failed, or came with the version that the
//   pattern is resolved in; optionally also solutions that were never used.
// Params: suggested BOOLEAN
// Reads: Solution(solution_id, description, steps), RESOLVES(worked, failed), Pattern(pattern_id, status), FIXED_IN(pattern_id),
//   Version, OF_PATTERN, Signature, HAS_SIGNATURE, Crash(crash_id)
// Writes: nothing
// Full scan: of the solutions, which people write and which are few
// Returns: rows: one list of {solution_id, description, steps, patterns: [{pattern_id, worked, crash_id}], most used first}
MATCH (s:Solution)
CALL (s) {
  MATCH (s)-[r:RESOLVES]->(p:Pattern)
  WHERE coalesce(p.status, 'open') <> 'merged'
    AND (coalesce(r.worked, 0) > coalesce(r.failed, 0)
      OR EXISTS { (s)-[f:FIXED_IN]->(:Version) WHERE f.pattern_id = p.pattern_id }
      OR $suggested AND coalesce(r.worked, 0) + coalesce(r.failed, 0) = 0)
  WITH p, coalesce(r.worked, 0) AS worked,
       [(p)<-[:OF_PATTERN]-(g:Signature) | head([(g)<-[:HAS_SIGNATURE]-(c:Crash) | c.crash_id])] AS crashes
  WITH p, worked, [id IN crashes WHERE id IS NOT NULL][0] AS crash_id
  WHERE crash_id IS NOT NULL
  ORDER BY worked DESC, p.pattern_id
  RETURN collect({pattern_id: p.pattern_id, worked: worked, crash_id: crash_id}) AS patterns
}
WITH s, patterns WHERE size(patterns) > 0
ORDER BY s.solution_id
RETURN collect({solution_id: s.solution_id, description: s.description, steps: s.steps, patterns: patterns}) AS rows
