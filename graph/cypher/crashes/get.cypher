// Answers: one crash with the pattern and the environment it hangs on.
// Params: crash_id STRING
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern(pattern_id), OCCURRED_IN, Environment(environment_id)
// Writes: nothing
// Returns: crash, pattern_id, environment_id
MATCH (c:Crash {crash_id: $crash_id})
RETURN c AS crash,
       head([(c)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern) | p.pattern_id]) AS pattern_id,
       head([(c)-[:OCCURRED_IN]->(e:Environment) | e.environment_id]) AS environment_id
