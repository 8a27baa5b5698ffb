// Answers: take nodes that are gone out of the answers that are kept of mutations; an empty text keeps their place.
// Params: subjects LIST<STRING>
// Reads: IdempotencyKey(at, objects)
// Writes: IdempotencyKey(objects)
// Returns: answers
MATCH (k:IdempotencyKey)
WHERE k.at >= datetime({epochSeconds: 0}) AND any(one IN k.objects WHERE one IN $subjects)
SET k.objects = [one IN k.objects | CASE WHEN one IN $subjects THEN '' ELSE one END]
RETURN count(k) AS answers
