// Answers: the redacted reports of these crashes, with the hashes they were stored with.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id, report, stored_hash)
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (c:Crash) WHERE c.crash_id IN $ids
RETURN collect({id: c.crash_id, item: {crash_id: c.crash_id, report: c.report, stored_hash: c.stored_hash}}) AS rows
