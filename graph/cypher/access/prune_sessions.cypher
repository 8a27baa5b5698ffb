// Answers: remove sessions that ended before a time, at most so many.
// Params: before ZONED DATETIME, limit INTEGER
// Reads: Session(expires_at)
// Writes: Session, OF_USER
// Returns: removed
MATCH (s:Session) WHERE s.expires_at < $before
WITH s LIMIT $limit
DETACH DELETE s
RETURN count(*) AS removed
