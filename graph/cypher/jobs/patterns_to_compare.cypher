// Answers: patterns to look for neighbours of, those seen last first, and how many there are in all.
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
