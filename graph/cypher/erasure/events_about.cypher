// Answers: events about one of these subjects.
// Params: subjects LIST<STRING>
// Reads: Event(position, event_id, subjects, payload)
// Writes: nothing
// Returns: event_id, subjects, payload
MATCH (e:Event) WHERE e.position >= 1 AND any(subject IN e.subjects WHERE subject IN $subjects)
RETURN e.event_id AS event_id, e.subjects AS subjects, e.payload AS payload
