// Answers: the crashes of these environments, found among the `window` latest crashes of all behind the cursor, by
//   `order` (`RECEIVED` or `OCCURRED`); those of which fewer than `limit` are found are omitted.
// Params: ids LIST<STRING>, order STRING, at ZONED DATETIME, key STRING, limit INTEGER, window INTEGER
// Reads: Environment(environment_id), OCCURRED_IN, Crash(crash_id, received_at, occurred_at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its report}]}
UNWIND $ids AS id
MATCH (n:Environment {environment_id: id})
CALL (n) {
  CALL () {
    MATCH (c:Crash)
    WHERE c.received_at <= CASE $order WHEN 'RECEIVED' THEN $at END AND NOT (c.received_at = $at AND c.crash_id <= $key)
    RETURN c ORDER BY c.received_at DESC, c.crash_id LIMIT $window
    UNION ALL
    MATCH (c:Crash)
    WHERE c.occurred_at <= CASE $order WHEN 'OCCURRED' THEN $at END AND NOT (c.occurred_at = $at AND c.crash_id <= $key)
    RETURN c ORDER BY c.occurred_at DESC, c.crash_id LIMIT $window
  }
  WITH n, c WHERE EXISTS { (c)-[:OCCURRED_IN]->(n) }
  RETURN c LIMIT $limit
}
WITH id, collect({node: c {.*, report: ''}}) AS items WHERE size(items) = $limit
RETURN collect({id: id, items: items}) AS rows
