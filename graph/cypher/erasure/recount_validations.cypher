// Answers: recount the validations of patterns.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), Validation(pattern_id, counts, verdict, at, resolution_minutes)
// Writes: Pattern(validation_count, false_positive_count, confidence, avg_resolution_minutes, validated_at)
// Returns: patterns
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  OPTIONAL MATCH (v:Validation {pattern_id: p.pattern_id}) WHERE v.counts = 1
  RETURN sum(CASE WHEN v.verdict = 'correct' THEN 1 ELSE 0 END) AS correct,
         sum(CASE WHEN v.verdict = 'wrong' THEN 1 ELSE 0 END) AS wrong,
         avg(v.resolution_minutes) AS minutes, max(CASE WHEN v.verdict = 'correct' THEN v.at END) AS validated_at
}
SET p.validation_count = correct + wrong, p.false_positive_count = wrong, p.confidence = (correct + 1.0) / (correct + wrong + 2.0),
    p.avg_resolution_minutes = minutes, p.validated_at = validated_at
RETURN count(p) AS patterns
