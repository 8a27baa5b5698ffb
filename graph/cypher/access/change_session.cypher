// Answers: set properties of a session.
// Params: session_id STRING, properties MAP
// Reads: Session(session_id)
// Writes: Session(token_hash)
// Returns: session (map, without its secret)
MATCH (s:Session {session_id: $session_id})
SET s += $properties
RETURN s {.*, token_hash: null} AS session
