// Answers: create a pattern with the diagnosis of the latest crash of a signature.
// Params: pattern MAP, exact STRING
// Reads: Signature(exact), HAS_SIGNATURE, Crash(error_code, cluster_id, diagnosis_confidence, received_at)
// Writes: Pattern
// Returns: pattern
CREATE (p:Pattern)
SET p = $pattern
WITH p
CALL () {
  OPTIONAL MATCH (:Signature {exact: $exact})<-[:HAS_SIGNATURE]-(c:Crash)
  RETURN c ORDER BY c.received_at DESC LIMIT 1
}
SET p.taxonomy_code = c.error_code, p.cluster_id = c.cluster_id, p.diagnosis_confidence = c.diagnosis_confidence
RETURN p {.*} AS pattern
