// Answers: Number of crashes, number received after a time with the first and the last of those, and the server's time.
// Params: since ZONED DATETIME
// Reads: Crash(received_at)
// Writes: nothing
// Returns: now, crashes, newer, first, latest
CALL () { MATCH (crash:Crash) RETURN count(crash) AS crashes }
CALL (crashes) {
  MATCH (crash:Crash)
  WHERE crash.received_at > $since
  RETURN count(crash) AS newer, min(crash.received_at) AS first, max(crash.received_at) AS latest
}
RETURN datetime() AS now, crashes, newer, first, latest
