// Answers: a pattern with its number of revisions, its validation counts, and the pattern it is merged into.
// Params: pattern_id STRING
// Reads: Pattern(pattern_id), REVISES, SAME_AS, Validation(pattern_id, counts, verdict, resolution_minutes)
// Writes: nothing
// Returns: pattern, revisions, correct, wrong, minutes (mean), timed (how many that mean is of), part_of
MATCH (p:Pattern {pattern_id: $pattern_id})
CALL (p) {
  OPTIONAL MATCH (v:Validation {pattern_id: p.pattern_id}) WHERE v.counts = 1
  RETURN sum(CASE WHEN v.verdict = 'correct' THEN 1 ELSE 0 END) AS correct,
         sum(CASE WHEN v.verdict = 'wrong' THEN 1 ELSE 0 END) AS wrong,
         avg(v.resolution_minutes) AS minutes, count(v.resolution_minutes) AS timed
}
RETURN p {.*} AS pattern, COUNT { (p)<-[:REVISES]-() } AS revisions, correct, wrong, minutes, timed,
       CASE p.status WHEN 'merged' THEN [(p)-[:SAME_AS]->(q:Pattern) | q.pattern_id][0] END AS part_of
