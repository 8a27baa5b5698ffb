// Answers: the first events after a position, of some kinds or of all, in order, and how far the log reached before they were read.
// Params: after INTEGER, kinds LIST<STRING>, limit INTEGER
// Reads: EventLog(name, last, removed), Event(position, kind)
// Writes: nothing
// Returns: events (list of maps), last (of the whole log), removed (position of the last event that was pruned)
OPTIONAL MATCH (log:EventLog {name: 'events'})
WITH coalesce(log.last, 0) AS last, coalesce(log.removed, 0) AS removed
CALL () {
  MATCH (e:Event)
  WHERE e.position > $after AND (size($kinds) = 0 OR e.kind IN $kinds)
  WITH e ORDER BY e.position LIMIT $limit
  RETURN collect(e {.*}) AS events
}
RETURN events, last, removed
