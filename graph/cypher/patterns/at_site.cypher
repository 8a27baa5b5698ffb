// Answers: one page of the patterns with crashes at one site that match a filter, largest first by `order`
//   (`OCCURRENCES`, `LAST_SEEN`, `FIRST_SEEN` or `CREATED`). Null or empty filters match everything; (at, key) is the cursor:
//   value and id of the last pattern of the previous page, or the largest possible value and an empty key.
// Params: order STRING, at ANY, key STRING, limit INTEGER, statuses LIST<STRING>, severities LIST<STRING>, product
//   STRING, site STRING, version STRING, error_type STRING, error_code STRING, code_prefix STRING, since ZONED
//   DATETIME, until ZONED DATETIME
// Reads: Pattern(pattern_id, status, severity, error_type, taxonomy_code, first_seen, last_seen, created_at, occurrence_count),
//   OF_PATTERN, Signature, SEEN_IN, Environment(product, site, version)
// Writes: nothing
// Returns: rows: one list of {pattern, signature_count}, in order
MATCH (e:Environment)
WHERE e.site = $site
  AND ($product IS NULL OR e.product = $product)
  AND ($version IS NULL OR e.version = $version)
MATCH (e)<-[:SEEN_IN]-(s:Signature)
WITH DISTINCT s
MATCH (s)-[:OF_PATTERN]->(p:Pattern)
WITH DISTINCT p
WHERE (size($statuses) = 0 OR p.status IN $statuses)
  AND (size($severities) = 0 OR p.severity IN $severities)
  AND ($error_type IS NULL OR p.error_type = $error_type)
  AND ($error_code IS NULL OR p.taxonomy_code = $error_code)
  AND ($code_prefix IS NULL OR p.taxonomy_code STARTS WITH $code_prefix)
  AND ($since IS NULL OR p.last_seen >= $since)
  AND ($until IS NULL OR p.first_seen < $until)
WITH p, CASE $order WHEN 'LAST_SEEN' THEN p.last_seen WHEN 'FIRST_SEEN' THEN p.first_seen WHEN 'CREATED' THEN p.created_at
            ELSE p.occurrence_count END AS rank
WHERE rank <= $at AND NOT (rank = $at AND p.pattern_id <= $key)
WITH p, rank ORDER BY rank DESC, p.pattern_id LIMIT $limit
RETURN collect({pattern: p {.*}, signature_count: COUNT { (p)<-[:OF_PATTERN]-() }}) AS rows
