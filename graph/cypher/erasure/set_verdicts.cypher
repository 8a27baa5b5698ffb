// Answers: store what is left of verdicts.
// Params: rows LIST<MAP>
// Reads: Verdict(verdict_id)
// Writes: Verdict(subjects, touched, journal)
// Returns: verdicts
UNWIND $rows AS row
MATCH (v:Verdict {verdict_id: row.verdict_id})
SET v.subjects = row.subjects, v.touched = row.touched, v.journal = row.journal
RETURN count(v) AS verdicts
