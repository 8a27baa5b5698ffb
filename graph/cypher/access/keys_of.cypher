// Answers: one page of the API keys of a user, newest first; (at, key) is the position of the last one of the previous page.
// Params: user_id STRING, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: User(user_id), OF_USER, ApiKey(created_at, key_id, token_hash)
// Writes: nothing
// Returns: rows: one list of API keys, without their secrets, in order
MATCH (:User {user_id: $user_id})<-[:OF_USER]-(k:ApiKey)
WHERE k.created_at <= $at AND NOT (k.created_at = $at AND k.key_id <= $key)
WITH k ORDER BY k.created_at DESC, k.key_id LIMIT $limit
RETURN collect(k {.*, token_hash: null}) AS rows
