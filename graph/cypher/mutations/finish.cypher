// Answers: keep the answer of a mutation beside its id, unless one is kept; returns the one that is.
// Params: key STRING, objects LIST<STRING>, answer STRING
// Reads: IdempotencyKey(key_id)
// Writes: IdempotencyKey(objects, answer)
// Returns: digest, objects, answer
MATCH (k:IdempotencyKey {key_id: $key})
SET k.objects = CASE WHEN k.answer IS NULL THEN $objects ELSE k.objects END, k.answer = coalesce(k.answer, $answer)
RETURN k.digest AS digest, k.objects AS objects, k.answer AS answer
