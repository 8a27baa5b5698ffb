// Answers: note an id that a caller gave to a mutation, unless it is noted; others with the same id wait until the transaction ends.
// Params: key STRING, noted MAP
// Reads: IdempotencyKey(key_id, digest, objects, answer)
// Writes: IdempotencyKey(at)
// Returns: digest, objects, answer (empty if it was noted just now)
MERGE (k:IdempotencyKey {key_id: $key})
ON CREATE SET k += $noted, k.at = datetime.realtime()
SET k:IdempotencyKey
RETURN k.digest AS digest, k.objects AS objects, k.answer AS answer
