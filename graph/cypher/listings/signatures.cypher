// Answers: one page of signatures that match a filter, by their hashes, behind a cursor. Null filters match
//   everything.
// Params: key STRING, limit INTEGER, error_type STRING, since ZONED DATETIME
// Reads: Signature(exact, error_type, last_seen)
// Writes: nothing
// Returns: rows: one list of nodes without their embeddings, in order
MATCH (n:Signature)
USING INDEX n:Signature(exact)
WHERE n.exact > $key
  AND ($error_type IS NULL OR n.error_type = $error_type)
  AND ($since IS NULL OR n.last_seen >= $since)
WITH n ORDER BY n.exact LIMIT $limit
RETURN collect(n {.*, embedding: null}) AS rows
