// Answers: remove the oldest ids of mutations from before a time, at most so many.
// Params: before ZONED DATETIME, limit INTEGER
// Reads: IdempotencyKey(at)
// Writes: IdempotencyKey
// Returns: removed
MATCH (k:IdempotencyKey) WHERE k.at < $before
WITH k ORDER BY k.at LIMIT $limit
DELETE k
RETURN count(*) AS removed
