// Answers: one page of the patterns that match a filter, last seen first; undated ones are omitted. Null or empty
//   filters match everything; (at, key) is the cursor: value and id of the last pattern of the previous page, or the
//   largest possible value and an empty key.
// Params: at ZONED DATETIME, key STRING, limit INTEGER, statuses LIST<STRING>, severities LIST<STRING>, product STRING,
//   site STRING, version STRING, error_type STRING, since ZONED DATETIME, until ZONED DATETIME
// Reads: Pattern(pattern_id, status, severity, error_type, first_seen, last_seen, occurrence_count), OF_PATTERN,
//   Signature, SEEN_IN, Environment(product, site, version)
// Writes: nothing
// Returns: rows: one list of {pattern, signature_count}, in order
MATCH (p:Pattern)
WHERE p.last_seen <= $at
  AND NOT (p.last_seen = $at AND p.pattern_id <= $key)
  AND (size($statuses) = 0 OR p.status IN $statuses)
  AND (size($severities) = 0 OR p.severity IN $severities)
  AND ($error_type IS NULL OR p.error_type = $error_type)
  AND ($since IS NULL OR p.last_seen >= $since)
  AND ($until IS NULL OR p.first_seen < $until)
  AND (coalesce($product, $site, $version) IS NULL OR EXISTS {
    MATCH (p)<-[:OF_PATTERN]-(:Signature)-[:SEEN_IN]->(e:Environment)
    WHERE ($product IS NULL OR e.product = $product)
      AND ($site IS NULL OR e.site = $site)
      AND ($version IS NULL OR e.version = $version)
  })
WITH p ORDER BY p.last_seen DESC, p.pattern_id LIMIT $limit
RETURN collect({pattern: p {.*}, signature_count: COUNT { (p)<-[:OF_PATTERN]-() }}) AS rows
