// Answers: one page of the crashes that match a filter, last received first. Null or empty filters match everything;
//   (at, key) is the cursor: time and id of the last crash of the previous page, or the latest possible time and an
//   empty key.
// Params: at ZONED DATETIME, key STRING, limit INTEGER, since ZONED DATETIME, until ZONED DATETIME, statuses
//   LIST<STRING>, severities LIST<STRING>, product STRING, site STRING, version STRING, error_type STRING
// Reads: Crash(crash_id, status, severity, product, site, version, error_type, occurred_at, received_at)
// Writes: nothing
// Returns: rows: one list of crashes without their reports, in order
MATCH (c:Crash)
WHERE c.received_at <= $at
  AND NOT (c.received_at = $at AND c.crash_id <= $key)
  AND ($since IS NULL OR c.occurred_at >= $since)
  AND ($until IS NULL OR c.occurred_at < $until)
  AND (size($statuses) = 0 OR c.status IN $statuses)
  AND (size($severities) = 0 OR c.severity IN $severities)
  AND ($product IS NULL OR c.product = $product)
  AND ($site IS NULL OR c.site = $site)
  AND ($version IS NULL OR c.version = $version)
  AND ($error_type IS NULL OR c.error_type = $error_type)
WITH c ORDER BY c.received_at DESC, c.crash_id LIMIT $limit
RETURN collect(c {.*, report: ''}) AS rows
