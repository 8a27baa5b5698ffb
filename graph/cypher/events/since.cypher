// Answers: the first events after a position, of some kinds or of all, in order, and how far the index of positions reached before
//   they were read: a commit changes the log before that index, so the number in the log would run ahead of the events.
// Params: after INTEGER, kinds LIST<STRING>, limit INTEGER
// Reads: EventLog(name, removed), Event(position, kind)
// Writes: nothing
// Returns: events (list of maps), reached, removed (position of the last event that was pruned)
CALL () {
  OPTIONAL MATCH (e:Event) WHERE e.position > $after
  RETURN e.position AS reached ORDER BY e.position DESC LIMIT 1
}
CALL () {
  MATCH (e:Event)
  WHERE e.position > $after AND (size($kinds) = 0 OR e.kind IN $kinds)
  WITH e ORDER BY e.position LIMIT $limit
  RETURN collect(e {.*}) AS events
}
OPTIONAL MATCH (log:EventLog {name: 'events'})
RETURN events, coalesce(reached, $after) AS reached, coalesce(log.removed, 0) AS removed
