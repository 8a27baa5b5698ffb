// Answers: store a verdict with the next ordinal; of two concurrent ones the constraint refuses the second.
// Params: verdict MAP
// Reads: Verdict(ordinal)
// Writes: Verdict
// Returns: ordinal
OPTIONAL MATCH (earlier:Verdict) WHERE earlier.ordinal >= 1
WITH coalesce(max(earlier.ordinal), 0) + 1 AS ordinal
CREATE (v:Verdict)
SET v = $verdict, v.ordinal = ordinal
RETURN ordinal
