// Answers: the crashes of these signatures, latest first by `order` (`RECEIVED` or `OCCURRED`), behind a cursor.
// Params: ids LIST<STRING>, order STRING, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Crash(exact, crash_id, received_at, occurred_at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its report}]}
UNWIND $ids AS id
CALL (id) {
  CALL (id) {
    MATCH (c:Crash)
    USING INDEX c:Crash(exact, occurred_at)
    WHERE c.exact = id AND c.occurred_at <= CASE $order WHEN 'OCCURRED' THEN $at END
      AND NOT (c.occurred_at = $at AND c.crash_id <= $key)
    WITH c ORDER BY c.exact DESC, c.occurred_at DESC, c.crash_id LIMIT $limit
    RETURN c, c.occurred_at AS rank
    UNION ALL
    MATCH (c:Crash)
    USING INDEX c:Crash(exact, received_at)
    WHERE c.exact = id AND c.received_at <= CASE $order WHEN 'RECEIVED' THEN $at END
      AND NOT (c.received_at = $at AND c.crash_id <= $key)
    WITH c ORDER BY c.exact DESC, c.received_at DESC, c.crash_id LIMIT $limit
    RETURN c, c.received_at AS rank
  }
  RETURN collect({node: c {.*, report: ''}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
