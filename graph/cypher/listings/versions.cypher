// Answers: one page of versions by their keys, from `start` to before `end`, behind a cursor.
// Params: start STRING, end STRING, key STRING, limit INTEGER
// Reads: Version(version_id)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (n:Version)
WHERE n.version_id >= $start AND n.version_id < $end AND n.version_id <> $key
WITH n ORDER BY n.version_id LIMIT $limit
RETURN collect(n {.*}) AS rows
