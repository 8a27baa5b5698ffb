// Answers: the position of the last event; 0 before the first.
// Params: none
// Reads: EventLog(name, last)
// Writes: nothing
// Returns: last
OPTIONAL MATCH (log:EventLog {name: 'events'})
RETURN coalesce(log.last, 0) AS last
