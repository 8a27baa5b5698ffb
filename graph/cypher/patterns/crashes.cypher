// Answers: the crashes of these patterns, latest first by `order` (`RECEIVED` or `OCCURRED`), behind a cursor.
// Params: ids LIST<STRING>, order STRING, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, HAS_SIGNATURE, Crash(crash_id, received_at, occurred_at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its report, rank}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  WITH c, CASE $order WHEN 'OCCURRED' THEN c.occurred_at ELSE c.received_at END AS rank
  WHERE rank <= $at AND NOT (rank = $at AND c.crash_id <= $key)
  WITH c, rank ORDER BY rank DESC, c.crash_id LIMIT $limit
  RETURN collect({node: c {.*, report: ''}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
