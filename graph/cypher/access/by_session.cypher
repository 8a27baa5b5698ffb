// Answers: the session of a browser with this token, and its user.
// Params: hash STRING
// Reads: Session(token_hash), OF_USER, User(password_hash)
// Writes: nothing
// Returns: session, user (maps, without secrets)
MATCH (s:Session {token_hash: $hash})-[:OF_USER]->(u:User)
RETURN s {.*, token_hash: null} AS session, u {.*, password_hash: null} AS user
