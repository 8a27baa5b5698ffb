// Answers: one page of the record of who did what, newest first. Null filters match everything; (at, key) is the position of the
//   last entry of the previous page.
// Params: at ZONED DATETIME, key STRING, limit INTEGER, since ZONED DATETIME, actor STRING, action STRING, outcome STRING
// Reads: AuditEvent(at, audit_id, actor, action, outcome)
// Writes: nothing
// Returns: rows: one list of entries, in order
MATCH (a:AuditEvent)
WHERE a.at <= $at AND NOT (a.at = $at AND a.audit_id <= $key)
  AND ($since IS NULL OR a.at >= $since)
  AND ($actor IS NULL OR a.actor = $actor)
  AND ($action IS NULL OR a.action = $action)
  AND ($outcome IS NULL OR a.outcome = $outcome)
WITH a ORDER BY a.at DESC, a.audit_id LIMIT $limit
RETURN collect(a {.*}) AS rows
