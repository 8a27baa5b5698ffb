// Answers: these verdicts, without their journals.
// Params: ids LIST<STRING>
// Reads: Verdict(verdict_id)
// Writes: nothing
// Returns: verdict
UNWIND $ids AS id
MATCH (v:Verdict {verdict_id: id})
RETURN v {.*, journal: '{}'} AS verdict
