// Answers: Occasions of each signature in each version of each product, as one row of columns. An occasion is a day at a
//   site, else of a user, else of a session, else the crash itself; tabs keep them apart.
// Params: since ZONED DATETIME, until ZONED DATETIME
// Reads: Crash(crash_id, occurred_at, received_at, status, product, version, site, user, session), HAS_SIGNATURE,
//   Signature(exact, title), OF_PATTERN, Pattern(pattern_id, status)
// Writes: nothing
// Returns: patterns LIST<STRING>, signatures LIST<STRING>, titles LIST<STRING>, products LIST<STRING>, versions LIST<STRING>,
//   occasions LIST<LIST<STRING>>
MATCH (crash:Crash {status: 'matched'})
WHERE $since <= coalesce(crash.occurred_at, crash.received_at) <= $until AND crash.version IS NOT NULL
MATCH (crash)-[:HAS_SIGNATURE]->(signature:Signature)
WITH signature, coalesce(crash.product, '') AS product, crash.version AS version,
     collect(DISTINCT coalesce(crash.site, '\t' + crash.user, '\t\t' + crash.session, '\t\t\t' + crash.crash_id) + '\n'
       + toString(coalesce(crash.occurred_at, crash.received_at).epochSeconds / 86400)) AS occasions
MATCH (signature)-[:OF_PATTERN]->(pattern:Pattern)
WHERE coalesce(pattern.status, 'open') <> 'merged'
RETURN collect(pattern.pattern_id) AS patterns, collect(signature.exact) AS signatures,
       collect(coalesce(signature.title, '')) AS titles, collect(product) AS products, collect(version) AS versions,
       collect(occasions) AS occasions
