// Answers: record a solution for a pattern; knowledge of a higher trust tier is kept.
// Params: pattern_id STRING, solution MAP, scope LIST<STRING>, tiers LIST<STRING>
// Reads: Pattern(pattern_id)
// Writes: Solution(solution_id, trust, kind, steps), RESOLVES(worked, failed, trust, scope)
// Returns: solution
MATCH (p:Pattern {pattern_id: $pattern_id})
MERGE (s:Solution {solution_id: $solution.solution_id})
ON CREATE SET s += $solution
MERGE (s)-[r:RESOLVES]->(p)
ON CREATE SET r.worked = 0, r.failed = 0, r.trust = $solution.trust
WITH s, r, [i IN range(0, size($tiers) - 1) WHERE $tiers[i] = $solution.trust][0] AS new,
     coalesce([i IN range(0, size($tiers) - 1) WHERE $tiers[i] = s.trust][0], -1) AS stored,
     coalesce([i IN range(0, size($tiers) - 1) WHERE $tiers[i] = r.trust][0], -1) AS here
SET s.kind = CASE WHEN new >= stored THEN coalesce($solution.kind, s.kind) ELSE s.kind END,
    s.steps = CASE WHEN new >= stored THEN coalesce($solution.steps, s.steps) ELSE s.steps END,
    s.trust = CASE WHEN new > stored THEN $solution.trust ELSE s.trust END,
    r.scope = CASE WHEN new >= here THEN coalesce($scope, r.scope) ELSE r.scope END,
    r.trust = CASE WHEN new > here THEN $solution.trust ELSE r.trust END
RETURN s {.*} AS solution
