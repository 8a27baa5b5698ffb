// Answers: one page of the crashes of one pattern that match a filter, latest first by `order` (`RECEIVED` or
//   `OCCURRED`). Null or empty filters match everything; (at, key) is the cursor: time and id of the last crash of the
//   previous page. Reads each signature from an index, and stops behind a page.
// Params: pattern_id STRING, order STRING, at ZONED DATETIME, key STRING, limit INTEGER, since ZONED DATETIME, until
//   ZONED DATETIME, statuses LIST<STRING>, severities LIST<STRING>, product STRING, site STRING, version STRING,
//   error_type STRING
// Reads: Crash(exact, crash_id, status, severity, product, site, version, error_type, occurred_at, received_at),
//   Signature(exact), OF_PATTERN, Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of crashes without their reports, in order
MATCH (:Pattern {pattern_id: $pattern_id})<-[:OF_PATTERN]-(s:Signature)
CALL (s) {
  MATCH (c:Crash)
  USING INDEX c:Crash(exact, occurred_at)
  WHERE c.exact = s.exact AND c.occurred_at <= CASE $order WHEN 'OCCURRED' THEN $at END
    AND NOT (c.occurred_at = $at AND c.crash_id <= $key)
    AND ($since IS NULL OR c.occurred_at >= $since)
    AND ($until IS NULL OR c.occurred_at < $until)
    AND (size($statuses) = 0 OR c.status IN $statuses)
    AND (size($severities) = 0 OR c.severity IN $severities)
    AND ($product IS NULL OR c.product = $product)
    AND ($site IS NULL OR c.site = $site)
    AND ($version IS NULL OR c.version = $version)
    AND ($error_type IS NULL OR c.error_type = $error_type)
  WITH c ORDER BY c.exact DESC, c.occurred_at DESC, c.crash_id LIMIT $limit
  RETURN c, c.occurred_at AS rank
  UNION ALL
  MATCH (c:Crash)
  USING INDEX c:Crash(exact, received_at)
  WHERE c.exact = s.exact AND c.received_at <= CASE $order WHEN 'RECEIVED' THEN $at END
    AND NOT (c.received_at = $at AND c.crash_id <= $key)
    AND ($since IS NULL OR c.occurred_at >= $since)
    AND ($until IS NULL OR c.occurred_at < $until)
    AND (size($statuses) = 0 OR c.status IN $statuses)
    AND (size($severities) = 0 OR c.severity IN $severities)
    AND ($product IS NULL OR c.product = $product)
    AND ($site IS NULL OR c.site = $site)
    AND ($version IS NULL OR c.version = $version)
    AND ($error_type IS NULL OR c.error_type = $error_type)
  WITH c ORDER BY c.exact DESC, c.received_at DESC, c.crash_id LIMIT $limit
  RETURN c, c.received_at AS rank
}
WITH c, rank ORDER BY rank DESC, c.crash_id LIMIT $limit
RETURN collect(c {.*, report: ''}) AS rows
