// Answers: Number of matched crashes without a time, and without both site and session.
// Params: none
// Reads: Crash(status, occurred_at, site, session)
// Writes: nothing
// Returns: without_time, without_place
MATCH (crash:Crash)
WHERE crash.status = 'matched'
RETURN count(CASE WHEN crash.occurred_at IS NULL THEN 1 END) AS without_time,
       count(CASE WHEN crash.occurred_at IS NOT NULL AND crash.site IS NULL AND crash.session IS NULL THEN 1 END) AS without_place
