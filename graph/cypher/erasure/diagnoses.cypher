// Answers: error type and diagnosis of the earliest crash of each of these patterns.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), OF_PATTERN, Signature(error_type), HAS_SIGNATURE,
//   Crash(received_at, crash_id, error_code, cluster_id, diagnosis_confidence)
// Writes: nothing
// Returns: pattern_id, properties
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})<-[:OF_PATTERN]-(s:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  RETURN s, c ORDER BY c.received_at, c.crash_id LIMIT 1
}
RETURN id AS pattern_id, {
  error_type: s.error_type, taxonomy_code: c.error_code, cluster_id: c.cluster_id, diagnosis_confidence: c.diagnosis_confidence
} AS properties
