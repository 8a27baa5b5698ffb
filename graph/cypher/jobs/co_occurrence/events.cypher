// Answers: Times and places of each pattern, as one row of columns. A place is the crash's site or, without one, its
//   session behind a tab, which no site begins with; crashes with neither are left out.
// Params: since ZONED DATETIME, until ZONED DATETIME
// Reads: Crash(occurred_at, status, site, session), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern(pattern_id)
// Writes: nothing
// Returns: patterns LIST<STRING> (one may come twice), places LIST<LIST<STRING>>, times LIST<LIST<INTEGER>>
//   (milliseconds since 1970)
MATCH (crash:Crash)-[:HAS_SIGNATURE]->(signature:Signature)
WHERE crash.occurred_at >= $since AND crash.occurred_at <= $until AND crash.status = 'matched'
  AND coalesce(crash.site, crash.session) IS NOT NULL
WITH signature, collect(coalesce(crash.site, '\t' + crash.session)) AS places, collect(crash.occurred_at.epochMillis) AS times
MATCH (signature)-[:OF_PATTERN]->(pattern:Pattern)
RETURN collect(pattern.pattern_id) AS patterns, collect(places) AS places, collect(times) AS times
