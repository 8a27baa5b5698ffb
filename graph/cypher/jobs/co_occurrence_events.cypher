// Answers: when each pattern happened at each place, as one row of columns. A place is the crash's site or, without
//   one, its session; a crash that has neither is in no stream.
// Params: since ZONED DATETIME, until ZONED DATETIME
// Reads: Crash(occurred_at, status, site, session), HAS_SIGNATURE, OF_PATTERN, Pattern(pattern_id)
// Writes: nothing
// Returns: patterns LIST<STRING>, places LIST<STRING>, is_site LIST<BOOLEAN>, times LIST<LIST<INTEGER>> (milliseconds since 1970)
MATCH (crash:Crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(pattern:Pattern)
WHERE crash.occurred_at >= $since AND crash.occurred_at <= $until AND crash.status = 'matched'
  AND (crash.site IS NOT NULL OR crash.session IS NOT NULL)
WITH pattern.pattern_id AS pattern_id, coalesce(crash.site, crash.session) AS place, crash.site IS NOT NULL AS is_site,
     collect(crash.occurred_at.epochMillis) AS times
RETURN collect(pattern_id) AS patterns, collect(place) AS places, collect(is_site) AS is_site, collect(times) AS times
