// Answers: the latest events before a position that match a filter, and how far was looked: at most `window` events.
//   Null or empty filters match everything.
// Params: before INTEGER, window INTEGER, limit INTEGER, kinds LIST<STRING>, about STRING, since ZONED DATETIME, until
//   ZONED DATETIME
// Reads: EventLog(name, last, removed), Event(position, kind, at, subjects)
// Writes: nothing
// Returns: rows: one list of {events, floor (position of the earliest event that was looked at), floor_at (its time),
//   removed (position of the last event that was pruned)}
OPTIONAL MATCH (log:EventLog {name: 'events'})
WITH CASE WHEN $before > log.last + 1 THEN log.last + 1 ELSE $before END AS ceiling, log.removed AS removed
CALL (ceiling) {
  MATCH (e:Event)
  WHERE e.position < ceiling AND e.position >= ceiling - $window
    AND (size($kinds) = 0 OR e.kind IN $kinds)
    AND ($about IS NULL OR $about IN e.subjects)
    AND ($since IS NULL OR e.at >= $since)
    AND ($until IS NULL OR e.at < $until)
  WITH e ORDER BY e.position DESC LIMIT $limit
  RETURN collect(e {.*}) AS events
}
OPTIONAL MATCH (edge:Event {position: ceiling - $window})
RETURN [{events: events, floor: ceiling - $window, floor_at: edge.at, removed: removed}] AS rows
