// Answers: one page of frames by their keys, from `start` to before `end`, behind a cursor.
// Params: start STRING, end STRING, key STRING, limit INTEGER
// Reads: Frame(key)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (n:Frame)
WHERE n.key >= $start AND n.key < $end AND n.key <> $key
WITH n ORDER BY n.key LIMIT $limit
RETURN collect(n {.*}) AS rows
