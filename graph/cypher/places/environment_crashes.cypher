// Answers: the crashes of these environments, latest first by `order` (`RECEIVED` or `OCCURRED`), behind a cursor;
//   those with more than `most` are omitted.
// Params: ids LIST<STRING>, order STRING, at ZONED DATETIME, key STRING, limit INTEGER, most INTEGER
// Reads: Environment(environment_id), OCCURRED_IN, Crash(crash_id, received_at, occurred_at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its report}]}
UNWIND $ids AS id
MATCH (n:Environment {environment_id: id})
WITH id, n WHERE COUNT { (n)<-[:OCCURRED_IN]-() } <= $most
CALL (n) {
  MATCH (n)<-[:OCCURRED_IN]-(c:Crash)
  WITH c, CASE $order WHEN 'OCCURRED' THEN c.occurred_at ELSE c.received_at END AS rank
  WHERE rank <= $at AND NOT (rank = $at AND c.crash_id <= $key)
  WITH c, rank ORDER BY rank DESC, c.crash_id LIMIT $limit
  RETURN collect({node: c {.*, report: ''}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
