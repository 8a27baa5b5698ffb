// Answers: one verdict, with its journal.
// Params: verdict_id STRING
// Reads: Verdict(verdict_id)
// Writes: nothing
// Returns: verdict
MATCH (v:Verdict {verdict_id: $verdict_id})
RETURN v {.*} AS verdict
