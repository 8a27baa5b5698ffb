// Answers: add entries to the record of who did what.
// Params: rows LIST<MAP>
// Reads: nothing
// Writes: AuditEvent(at)
// Returns: added
UNWIND $rows AS row
CREATE (a:AuditEvent)
SET a = row, a.at = datetime.realtime()
RETURN count(a) AS added
