// Answers: the redacted reports of these crashes.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id, report)
// Writes: nothing
// Returns: found: one list of {id, item}
MATCH (c:Crash) WHERE c.crash_id IN $ids
RETURN collect({id: c.crash_id, item: c.report}) AS found
