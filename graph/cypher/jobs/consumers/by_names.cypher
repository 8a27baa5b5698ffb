// Answers: Records of these consumers, with the seconds since the last heartbeat.
// Params: names LIST<STRING>
// Reads: Consumer(name, heartbeat_at)
// Writes: nothing
// Returns: consumer, silent_seconds
UNWIND $names AS name
MATCH (consumer:Consumer {name: name})
RETURN consumer, duration.inSeconds(consumer.heartbeat_at, datetime()).seconds AS silent_seconds
