// Answers: end all sessions of a user that are not over, and make its JWT invalid.
// Params: user_id STRING, at ZONED DATETIME, because STRING
// Reads: User(user_id), Session(expires_at), OF_USER
// Writes: User(token_version), Session(revoked_at, revoked_because)
// Returns: ended (number), user (map, without its secret)
MATCH (u:User {user_id: $user_id})
SET u.token_version = u.token_version + 1
WITH u
OPTIONAL MATCH (s:Session)-[:OF_USER]->(u) WHERE s.revoked_at IS NULL AND s.expires_at > $at
SET s.revoked_at = $at, s.revoked_because = $because
RETURN count(s) AS ended, u {.*, password_hash: null} AS user
