// Answers: the crashes of an affected user, in the order of their ids.
// Params: user STRING
// Reads: Crash(crash_id, user)
// Writes: nothing
// Returns: crash_id
// Full scan: deletion is rare, and an index of users would cost space for each crash.
MATCH (c:Crash {user: $user})
RETURN c.crash_id AS crash_id ORDER BY crash_id
