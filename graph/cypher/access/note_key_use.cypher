// Answers: note that an API key was used, unless that was noted after a time.
// Params: key_id STRING, at ZONED DATETIME, before ZONED DATETIME
// Reads: ApiKey(key_id)
// Writes: ApiKey(last_used_at)
// Returns: nothing
MATCH (k:ApiKey {key_id: $key_id}) WHERE k.last_used_at IS NULL OR k.last_used_at < $before
SET k.last_used_at = $at
