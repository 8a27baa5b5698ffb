// Answers: the crashes of these sites, last received first, behind a cursor.
// Params: ids LIST<STRING>, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Crash(site, received_at, crash_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its report}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (c:Crash)
  USING INDEX c:Crash(site, received_at)
  WHERE c.site = id AND c.received_at <= $at AND NOT (c.received_at = $at AND c.crash_id <= $key)
  WITH c ORDER BY c.site DESC, c.received_at DESC, c.crash_id LIMIT $limit
  RETURN collect({node: c {.*, report: ''}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
