// Answers: communities, largest first, behind a cursor.
// Params: size INTEGER, key STRING, limit INTEGER
// Reads: Community(community_id, size)
// Writes: nothing
// Returns: rows: one list of nodes
MATCH (c:Community)
WHERE c.size <= $size AND (c.size < $size OR c.community_id > $key)
WITH c ORDER BY c.size DESC, c.community_id LIMIT $limit
RETURN collect(properties(c)) AS rows
