// Answers: one page of sites by their keys, from `start` to before `end`, behind a cursor.
// Params: start STRING, end STRING, key STRING, limit INTEGER
// Reads: Site(name)
// Writes: nothing
// Returns: rows: one list of nodes, in order
MATCH (n:Site)
WHERE n.name >= $start AND n.name < $end AND n.name <> $key
WITH n ORDER BY n.name LIMIT $limit
RETURN collect(n {.*}) AS rows
