// Answers: the number of days with a crash of a pattern in these environments before a time, and its first crash there.
// Params: pattern_id STRING, places LIST<STRING>, since ZONED DATETIME, until ZONED DATETIME
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, HAS_SIGNATURE, Crash(occurred_at, received_at), OCCURRED_IN,
//   Environment(environment_id)
// Writes: nothing
// Returns: days (those since), first (the earliest of all)
MATCH (e:Environment) WHERE e.environment_id IN $places
MATCH (e)<-[:OCCURRED_IN]-(c:Crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(:Pattern {pattern_id: $pattern_id})
WITH coalesce(c.occurred_at, c.received_at) AS at
WHERE at < $until
RETURN count(DISTINCT CASE WHEN at >= $since THEN date(at) END) AS days, min(at) AS first
