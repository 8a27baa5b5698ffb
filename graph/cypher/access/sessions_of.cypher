// Answers: one page of the sessions of a user, newest first; (at, key) is the position of the last one of the previous page.
// Params: user_id STRING, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: User(user_id), OF_USER, Session(created_at, session_id, token_hash)
// Writes: nothing
// Returns: rows: one list of sessions, without their secrets, in order
MATCH (:User {user_id: $user_id})<-[:OF_USER]-(s:Session)
WHERE s.created_at <= $at AND NOT (s.created_at = $at AND s.session_id <= $key)
WITH s ORDER BY s.created_at DESC, s.session_id LIMIT $limit
RETURN collect(s {.*, token_hash: null}) AS rows
