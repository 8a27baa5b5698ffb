// Answers: set first and last seen of signatures from their crashes.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), HAS_SIGNATURE, Crash(occurred_at, received_at)
// Writes: Signature(first_seen, last_seen)
// Returns: exact, crashes
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})
CALL (s) {
  MATCH (s)<-[:HAS_SIGNATURE]-(c:Crash)
  RETURN count(c) AS crashes, min(coalesce(c.occurred_at, c.received_at)) AS first, max(coalesce(c.occurred_at, c.received_at)) AS last
}
SET s.first_seen = first, s.last_seen = last
RETURN exact, crashes
