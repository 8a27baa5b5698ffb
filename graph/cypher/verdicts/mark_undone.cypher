// Answers: mark a verdict as undone, and delete its relationships, their copies, and the copies it made.
// Params: verdict_id STRING, at ZONED DATETIME, by STRING
// Reads: Verdict(verdict_id), SAME_AS(verdict_id, carried_by), DISTINCT_FROM(verdict_id, carried_by),
//   NOT_CAUSED_BY(verdict_id, carried_by)
// Writes: Verdict(undone_at, undone_by), SAME_AS, DISTINCT_FROM, NOT_CAUSED_BY
// Returns: verdict
MATCH (v:Verdict {verdict_id: $verdict_id})
SET v.undone_at = $at, v.undone_by = $by
WITH v
CALL () { MATCH ()-[r:SAME_AS]->() WHERE r.verdict_id = $verdict_id DELETE r }
CALL () { MATCH ()-[r:SAME_AS]->() WHERE r.carried_by = $verdict_id DELETE r }
CALL () { MATCH ()-[r:DISTINCT_FROM]->() WHERE r.verdict_id = $verdict_id DELETE r }
CALL () { MATCH ()-[r:DISTINCT_FROM]->() WHERE r.carried_by = $verdict_id DELETE r }
CALL () { MATCH ()-[r:NOT_CAUSED_BY]->() WHERE r.verdict_id = $verdict_id DELETE r }
CALL () { MATCH ()-[r:NOT_CAUSED_BY]->() WHERE r.carried_by = $verdict_id DELETE r }
RETURN v {.*} AS verdict
