// Answers: how many events are missing between the last one pruned and the last one written, or lie beyond it.
// Params: none
// Reads: EventLog(name, last, removed), Event(position)
// Writes: nothing
// Returns: wrong (number), samples (empty)
MATCH (log:EventLog {name: 'events'})
RETURN abs(log.last - log.removed - COUNT { MATCH (e:Event) WHERE e.position > log.removed }) AS wrong, [] AS samples
