// Answers: the crashes of these ids, without their reports.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id)
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (c:Crash) WHERE c.crash_id IN $ids
RETURN collect({id: c.crash_id, item: c {.*, report: ''}}) AS rows
