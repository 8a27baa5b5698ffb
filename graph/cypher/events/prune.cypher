// Answers: remove the oldest events from before a time, at most so many, and note how far.
// Params: before ZONED DATETIME, limit INTEGER
// Reads: Event(at, position), EventLog(name, removed)
// Writes: Event, EventLog(removed)
// Returns: removed
MATCH (e:Event) WHERE e.at < $before
WITH e ORDER BY e.position LIMIT $limit
WITH collect(e) AS events, max(e.position) AS position
FOREACH (e IN events | DELETE e)
WITH size(events) AS removed, position
OPTIONAL MATCH (log:EventLog {name: 'events'}) WHERE position > log.removed
SET log.removed = position
RETURN removed
