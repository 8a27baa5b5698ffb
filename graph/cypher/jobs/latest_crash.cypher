// Answers: Time of the latest matched crash; times in the future are ignored.
// Params: none
// Reads: Crash(occurred_at, status)
// Writes: nothing
// Returns: latest
MATCH (crash:Crash)
WHERE crash.occurred_at <= datetime() + duration({days: 1}) AND crash.status = 'matched'
RETURN crash.occurred_at AS latest
ORDER BY latest DESC
LIMIT 1
