// Answers: one page of users, newest first; (at, key) is the position of the last one of the previous page.
// Params: at ZONED DATETIME, key STRING, limit INTEGER
// Reads: User(created_at, user_id, password_hash)
// Writes: nothing
// Returns: rows: one list of users, without their secrets, in order
MATCH (u:User)
WHERE u.created_at <= $at AND NOT (u.created_at = $at AND u.user_id <= $key)
WITH u ORDER BY u.created_at DESC, u.user_id LIMIT $limit
RETURN collect(u {.*, password_hash: null}) AS rows
