// Answers: one page of the environments at a site that match a filter, by their ids, behind a cursor. Null filters
//   match everything.
// Params: site STRING, key STRING, limit INTEGER, product STRING, version STRING, os STRING
// Reads: Environment(environment_id, site, product, version, os)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (n:Environment)
USING INDEX n:Environment(site)
WHERE n.site = $site AND n.environment_id > $key
  AND ($product IS NULL OR n.product = $product)
  AND ($version IS NULL OR n.version = $version)
  AND ($os IS NULL OR n.os = $os)
WITH n ORDER BY n.environment_id LIMIT $limit
RETURN collect(n {.*}) AS rows
