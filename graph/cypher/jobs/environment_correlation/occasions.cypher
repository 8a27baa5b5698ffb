// Answers: Users and days of each pattern in each environment, as one row of columns. A session behind a tab stands for a
//   missing user.
// Params: since ZONED DATETIME, until ZONED DATETIME
// Reads: Crash(occurred_at, received_at, status, user, session), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern(pattern_id),
//   OCCURRED_IN, Environment(environment_id)
// Writes: nothing
// Returns: patterns LIST<STRING> and environments LIST<STRING> (a pair may come twice), users LIST<LIST<STRING>>,
//   days LIST<LIST<INTEGER>> (since 1970)
MATCH (crash:Crash {status: 'matched'})
WHERE $since <= coalesce(crash.occurred_at, crash.received_at) <= $until
MATCH (crash)-[:HAS_SIGNATURE]->(signature:Signature)
MATCH (crash)-[:OCCURRED_IN]->(environment:Environment)
WITH signature, environment, collect(DISTINCT coalesce(crash.user, '\t' + crash.session)) AS users,
     collect(DISTINCT coalesce(crash.occurred_at, crash.received_at).epochSeconds / 86400) AS days
MATCH (signature)-[:OF_PATTERN]->(pattern:Pattern)
RETURN collect(pattern.pattern_id) AS patterns, collect(environment.environment_id) AS environments, collect(users) AS users,
       collect(days) AS days
