// Answers: note that a session was used, unless that was noted after a time.
// Params: session_id STRING, at ZONED DATETIME, before ZONED DATETIME
// Reads: Session(session_id)
// Writes: Session(last_used_at)
// Returns: nothing
MATCH (s:Session {session_id: $session_id}) WHERE s.last_used_at < $before
SET s.last_used_at = $at
