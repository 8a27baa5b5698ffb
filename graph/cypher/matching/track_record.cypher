// Answers: validations of matches by these stages in a range of confidence, and how many of the matches were correct.
// Params: strategies LIST<STRING>, low FLOAT, high FLOAT
// Reads: Validation(strategy, match_confidence, counts, verdict)
// Writes: nothing
// Returns: cases, right
MATCH (v:Validation)
WHERE v.strategy IN $strategies AND v.counts = 1 AND $low <= coalesce(v.match_confidence, $low) < $high
RETURN count(v) AS cases, sum(CASE WHEN v.verdict = 'correct' THEN 1 ELSE 0 END) AS right
