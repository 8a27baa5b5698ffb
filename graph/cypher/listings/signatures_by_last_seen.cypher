// Answers: one page of signatures that match a filter, last seen first, behind a cursor; undated ones are omitted. A
//   null filter matches everything; `since` is the earliest possible time where the caller gives none.
// Params: at ZONED DATETIME, key STRING, limit INTEGER, error_type STRING, since ZONED DATETIME
// Reads: Signature(exact, error_type, last_seen)
// Writes: nothing
// Returns: rows: one list of nodes without their embeddings, in order
MATCH (n:Signature)
USING INDEX n:Signature(last_seen)
WHERE n.last_seen >= $since AND n.last_seen <= $at
  AND NOT (n.last_seen = $at AND n.exact <= $key)
  AND ($error_type IS NULL OR n.error_type = $error_type)
WITH n ORDER BY n.last_seen DESC, n.exact LIMIT $limit
RETURN collect(n {.*, embedding: null}) AS rows
