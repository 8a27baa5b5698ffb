// Answers: take the lock of a session; no row if there is none.
// Params: session_id STRING
// Reads: nothing
// Writes: Session
// Returns: session_id
MATCH (s:Session {session_id: $session_id})
SET s:Session
RETURN s.session_id AS session_id
