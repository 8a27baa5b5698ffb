// Answers: where crashes are: their signature, pattern and environment.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature(exact), OF_PATTERN, Pattern(pattern_id), OCCURRED_IN, Environment(environment_id)
// Writes: nothing
// Returns: crash_id, exact, pattern_id, environment_id
UNWIND $ids AS id
MATCH (c:Crash {crash_id: id})
OPTIONAL MATCH (c)-[:HAS_SIGNATURE]->(s:Signature)
OPTIONAL MATCH (s)-[:OF_PATTERN]->(p:Pattern)
OPTIONAL MATCH (c)-[:OCCURRED_IN]->(e:Environment)
RETURN c.crash_id AS crash_id, s.exact AS exact, p.pattern_id AS pattern_id, e.environment_id AS environment_id
