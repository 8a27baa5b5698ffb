// Answers: store the journal of a verdict.
// Params: verdict_id STRING, journal STRING, touched LIST<STRING>
// Reads: Verdict(verdict_id)
// Writes: Verdict(journal, touched)
// Returns: verdict
MATCH (v:Verdict {verdict_id: $verdict_id})
SET v.journal = $journal, v.touched = $touched
RETURN v {.*} AS verdict
