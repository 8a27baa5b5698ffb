// Answers: store what is left of events; their positions stay without a gap.
// Params: rows LIST<MAP>
// Reads: Event(event_id)
// Writes: Event(subjects, payload)
// Returns: events
UNWIND $rows AS row
MATCH (e:Event {event_id: row.event_id})
SET e.subjects = row.subjects, e.payload = row.payload
RETURN count(e) AS events
