// Answers: what deleting these crashes would remove.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern(name), OCCURRED_IN, Environment, VALIDATES, Validation
// Writes: nothing
// Returns: crashes, signatures, environments, validations (numbers), patterns (names)
CALL () { UNWIND $ids AS id MATCH (c:Crash {crash_id: id}) RETURN collect(c) AS crashes }
CALL (crashes) {
  UNWIND crashes AS c
  MATCH (c)-[:HAS_SIGNATURE]->(s:Signature)
  WITH s, count(*) AS removed WHERE COUNT { (s)<-[:HAS_SIGNATURE]-() } = removed
  RETURN collect(s) AS signatures
}
CALL (signatures) {
  UNWIND signatures AS s
  MATCH (s)-[:OF_PATTERN]->(p:Pattern)
  WITH p, count(*) AS removed WHERE COUNT { (p)<-[:OF_PATTERN]-() } = removed
  WITH p ORDER BY p.name
  RETURN collect(p.name) AS patterns
}
CALL (crashes) {
  UNWIND crashes AS c
  MATCH (c)-[:OCCURRED_IN]->(e:Environment)
  WITH e, count(*) AS removed WHERE COUNT { (e)<-[:OCCURRED_IN]-() } = removed
  RETURN count(e) AS environments
}
CALL (crashes) { UNWIND crashes AS c MATCH (c)<-[:VALIDATES]-(v:Validation) RETURN count(DISTINCT v) AS validations }
RETURN size(crashes) AS crashes, size(signatures) AS signatures, patterns, environments, validations
