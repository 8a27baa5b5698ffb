// Answers: the crashes of these signatures, latest first by `order` (`RECEIVED` or `OCCURRED`), behind a cursor.
// Params: ids LIST<STRING>, order STRING, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Crash(exact, crash_id, received_at, occurred_at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its report, rank}]}
UNWIND $ids AS id
CALL (id) {
  CALL (id) {
    WITH id WHERE $order = 'OCCURRED'
    MATCH (c:Crash)
    WHERE c.exact = id AND c.occurred_at <= $at AND NOT (c.occurred_at = $at AND c.crash_id <= $key)
    RETURN c, c.occurred_at AS rank ORDER BY rank DESC, c.crash_id LIMIT $limit
    UNION
    WITH id WHERE $order = 'RECEIVED'
    MATCH (c:Crash)
    WHERE c.exact = id AND c.received_at <= $at AND NOT (c.received_at = $at AND c.crash_id <= $key)
    RETURN c, c.received_at AS rank ORDER BY rank DESC, c.crash_id LIMIT $limit
  }
  RETURN collect({node: c {.*, report: ''}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
