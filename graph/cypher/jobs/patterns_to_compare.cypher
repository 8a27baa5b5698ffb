// Answers: Patterns to look up neighbours of, most recently seen first, and their total number.
// Params: limit INTEGER
// Reads: Pattern(pattern_id, last_seen, status)
// Writes: nothing
// Full scan: every pattern has neighbours
// Returns: ids, total
MATCH (p:Pattern)
WHERE coalesce(p.status, 'open') <> 'merged'
WITH p ORDER BY p.last_seen DESC, p.pattern_id
WITH collect(p.pattern_id) AS ids
RETURN ids[..$limit] AS ids, size(ids) AS total
