// Answers: delete verdicts of which nothing is left.
// Params: ids LIST<STRING>
// Reads: Verdict(verdict_id)
// Writes: Verdict
// Returns: verdicts
UNWIND $ids AS id
MATCH (v:Verdict {verdict_id: id})
DETACH DELETE v
RETURN count(*) AS verdicts
