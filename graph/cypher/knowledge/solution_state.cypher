// Answers: a solution, with its counts for a pattern and its proof at a place.
// Params: solution_id STRING, pattern_id STRING, places LIST<STRING>
// Reads: Solution(solution_id), RESOLVES, Pattern(pattern_id), PROVEN_IN(pattern_id), Environment(environment_id)
// Writes: nothing
// Returns: solution, known (whether there is such a pattern), resolves, proven (null where it was not applied), environment_id
MATCH (s:Solution {solution_id: $solution_id})
OPTIONAL MATCH (p:Pattern {pattern_id: $pattern_id})
OPTIONAL MATCH (s)-[r:RESOLVES]->(p)
OPTIONAL MATCH (s)-[h:PROVEN_IN]->(e:Environment)
WHERE h.pattern_id = $pattern_id AND e.environment_id IN $places
WITH s, p, r, h, e ORDER BY e.environment_id LIMIT 1
RETURN s {.*} AS solution, p IS NOT NULL AS known, r {.*} AS resolves, h {.*} AS proven, e.environment_id AS environment_id
