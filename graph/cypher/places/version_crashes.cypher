// Answers: the crashes of these versions, last received first, behind a cursor.
// Params: ids LIST<STRING>, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Version(version_id, product, version), Crash(product, version, received_at, crash_id), RUNS_VERSION,
//   Environment, OCCURRED_IN
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its report}]}
UNWIND $ids AS id
MATCH (v:Version {version_id: id})
CALL (v) {
  WITH v WHERE v.product <> ''
  MATCH (c:Crash)
  USING INDEX c:Crash(product, version, received_at)
  WHERE c.product = v.product AND c.version = v.version AND c.received_at <= $at
    AND NOT (c.received_at = $at AND c.crash_id <= $key)
  WITH c ORDER BY c.product DESC, c.version DESC, c.received_at DESC, c.crash_id LIMIT $limit
  RETURN collect({node: c {.*, report: ''}}) AS items
  UNION ALL
  WITH v WHERE v.product = ''
  MATCH (v)<-[:RUNS_VERSION]-(:Environment)<-[:OCCURRED_IN]-(c:Crash)
  WHERE c.received_at <= $at AND NOT (c.received_at = $at AND c.crash_id <= $key)
  WITH c ORDER BY c.received_at DESC, c.crash_id LIMIT $limit
  RETURN collect({node: c {.*, report: ''}}) AS items
}
WITH id, items WHERE size(items) > 0
RETURN collect({id: id, items: items}) AS rows
