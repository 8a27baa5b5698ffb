// Answers: set the event log to the position of the last event, if it is behind: a backup of an earlier version could set it back,
//   and no event could be appended then.
// Params: none
// Reads: EventLog(last), Event(position)
// Writes: EventLog(last)
// Returns: last (no row unless it was behind)
MATCH (log:EventLog {name: 'events'})
SET log:EventLog
WITH log
MATCH (e:Event) WHERE e.position > log.last
WITH log, max(e.position) AS last
SET log.last = last
RETURN last
