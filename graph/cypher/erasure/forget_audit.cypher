// Answers: take subjects that are gone out of the record of who did what; who did it, when and to how many stays.
// Params: subjects LIST<STRING>
// Reads: AuditEvent(at, subjects)
// Writes: AuditEvent(subjects)
// Returns: entries
MATCH (a:AuditEvent)
WHERE a.at >= datetime({epochSeconds: 0}) AND any(subject IN a.subjects WHERE subject IN $subjects)
SET a.subjects = [subject IN a.subjects WHERE NOT subject IN $subjects]
RETURN count(a) AS entries
