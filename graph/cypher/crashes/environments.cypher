// Answers: the environment of each of these crashes.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), OCCURRED_IN, Environment
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (c:Crash)-[:OCCURRED_IN]->(e:Environment) WHERE c.crash_id IN $ids
RETURN collect({id: c.crash_id, item: e {.*}}) AS rows
