// Answers: the answer of a mutation that was sent with an id before.
// Params: key STRING
// Reads: IdempotencyKey(key_id, digest, objects, answer)
// Returns: digest, objects, answer
MATCH (k:IdempotencyKey {key_id: $key})
RETURN k.digest AS digest, k.objects AS objects, k.answer AS answer
