// Answers: patterns whose number of crashes, or first or last time, is not that of their crashes.
// Params: limit INTEGER
// Reads: Pattern(status, pattern_id, occurrence_count, first_seen, last_seen), OF_PATTERN, Signature, HAS_SIGNATURE,
//   Crash(occurred_at, received_at)
// Writes: nothing
// Returns: wrong (number), samples (some of their ids)
// Full scan: every pattern is counted again.
MATCH (p:Pattern) WHERE p.status <> 'merged'
CALL (p) {
  OPTIONAL MATCH (p)<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  RETURN count(c) AS crashes, min(coalesce(c.occurred_at, c.received_at)) AS first, max(coalesce(c.occurred_at, c.received_at)) AS last
}
WITH p, crashes, first, last
WHERE p.occurrence_count <> crashes OR coalesce(p.first_seen <> first, crashes > 0) OR coalesce(p.last_seen <> last, crashes > 0)
RETURN count(p) AS wrong, collect(p.pattern_id)[..$limit] AS samples
