// Answers: remove the oldest entries of the record of who did what from before a time, at most so many.
// Params: before ZONED DATETIME, limit INTEGER
// Reads: AuditEvent(at)
// Writes: AuditEvent
// Returns: removed
MATCH (a:AuditEvent) WHERE a.at < $before
WITH a ORDER BY a.at LIMIT $limit
DELETE a
RETURN count(*) AS removed
