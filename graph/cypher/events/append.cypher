// Answers: append events in this order, numbered without a gap. Holds the lock of the log until the transaction ends, so that
//   positions become visible in their order; run it last in a transaction. Also adds the entries of the record of who did what.
// Params: events LIST<MAP>, audits LIST<MAP>
// Reads: EventLog(name, last)
// Writes: Event, EventLog(last, removed), AuditEvent(at)
// Returns: last (position of the last event)
MERGE (log:EventLog {name: 'events'})
ON CREATE SET log.last = 0, log.removed = 0
SET log:EventLog
WITH log, log.last AS before
SET log.last = before + size($events)
FOREACH (entry IN $audits | CREATE (a:AuditEvent) SET a = entry, a.at = datetime.realtime())
WITH before
UNWIND range(0, size($events) - 1) AS i
CREATE (e:Event)
SET e = $events[i], e.position = before + i + 1, e.at = datetime.realtime()
RETURN max(e.position) AS last
