// Answers: a session by its id, with its user and the hash of its token, for an exchange of that token.
// Params: session_id STRING
// Reads: Session(session_id, token_hash), OF_USER, User(password_hash)
// Writes: nothing
// Returns: session, user (maps, without secrets), token_hash
MATCH (s:Session {session_id: $session_id})-[:OF_USER]->(u:User)
RETURN s {.*, token_hash: null} AS session, u {.*, password_hash: null} AS user, s.token_hash AS token_hash
