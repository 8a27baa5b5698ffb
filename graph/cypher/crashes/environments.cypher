// Answers: the environment of each of these crashes.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), OCCURRED_IN, Environment
// Writes: nothing
// Returns: rows: one list of {ids, item}
MATCH (c:Crash)-[:OCCURRED_IN]->(e:Environment) WHERE c.crash_id IN $ids
WITH e, collect(c.crash_id) AS ids
RETURN collect({ids: ids, item: e {.*}}) AS rows
