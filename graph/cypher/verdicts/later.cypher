// Answers: verdicts in force after an ordinal that touched any of these patterns and signatures, latest first.
// Params: ordinal INTEGER, touched LIST<STRING>
// Reads: Verdict(ordinal, undone_at, touched)
// Writes: nothing
// Returns: verdict
MATCH (v:Verdict)
WHERE v.ordinal > $ordinal AND v.undone_at IS NULL AND any(one IN v.touched WHERE one IN $touched)
RETURN v {.*} AS verdict ORDER BY v.ordinal DESC
