// Answers: which of these crashes are stored.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id)
// Writes: nothing
// Returns: crash_id
UNWIND $ids AS id
MATCH (c:Crash {crash_id: id})
RETURN c.crash_id AS crash_id
