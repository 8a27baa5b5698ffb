// Answers: open a session, unless the user was disabled or all its sessions were revoked since it was read. The user must be
//   locked.
// Params: user_id STRING, version INTEGER, session MAP, at ZONED DATETIME, properties MAP
// Reads: User(user_id, disabled, token_version)
// Writes: Session(token_hash), OF_USER, User(last_login_at, password_hash)
// Returns: session, user (maps, without secrets)
MATCH (u:User {user_id: $user_id})
WHERE u.token_version = $version AND NOT u.disabled
SET u += $properties, u.last_login_at = $at
CREATE (s:Session)-[:OF_USER]->(u)
SET s = $session
RETURN s {.*, token_hash: null} AS session, u {.*, password_hash: null} AS user
