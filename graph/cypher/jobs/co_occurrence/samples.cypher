// Answers: One crash for each occasion: a pattern, a place and a millisecond.
// Params: occasions LIST<MAP>
// Reads: Crash(occurred_at, status, site, session, crash_id), HAS_SIGNATURE, Signature, OF_PATTERN,
//   Pattern(pattern_id)
// Writes: nothing
// Returns: positions LIST<INTEGER>, crash_ids LIST<STRING>
UNWIND $occasions AS occasion
CALL (occasion) {
  MATCH (crash:Crash)
  WHERE crash.occurred_at >= datetime({epochMillis: occasion.millis})
    AND crash.occurred_at < datetime({epochMillis: occasion.millis + 1})
    AND coalesce(crash.site, '\t' + crash.session) = occasion.place AND crash.status = 'matched'
    AND EXISTS { (crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(:Pattern {pattern_id: occasion.pattern_id}) }
  RETURN crash.crash_id AS crash_id
  ORDER BY crash_id
  LIMIT 1
}
RETURN collect(occasion.position) AS positions, collect(crash_id) AS crash_ids
