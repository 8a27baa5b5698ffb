// Answers: set properties of an API key.
// Params: key_id STRING, properties MAP
// Reads: ApiKey(key_id)
// Writes: ApiKey(token_hash)
// Returns: key (map, without its secret)
MATCH (k:ApiKey {key_id: $key_id})
SET k += $properties
RETURN k {.*, token_hash: null} AS key
