// Answers: a session by its id, with its user.
// Params: session_id STRING
// Reads: Session(session_id, token_hash), OF_USER, User(password_hash)
// Writes: nothing
// Returns: session, user (maps, without secrets)
MATCH (s:Session {session_id: $session_id})-[:OF_USER]->(u:User)
RETURN s {.*, token_hash: null} AS session, u {.*, password_hash: null} AS user
