// Answers: take the lock of a session; no row if there is none.
// Params: session_id STRING
// Reads: nothing
// Writes: Session(session_id)
// Returns: session_id
MATCH (s:Session {session_id: $session_id})
SET s.session_id = s.session_id
RETURN s.session_id AS session_id
