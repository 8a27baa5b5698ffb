// Answers: one pattern with the sites and versions it was seen at.
// Params: pattern_id STRING
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, HAS_SIGNATURE, Crash, OCCURRED_IN, Environment(site, version)
// Writes: nothing
// Returns: pattern, signature_count, sites, versions
MATCH (p:Pattern {pattern_id: $pattern_id})
CALL (p) {
  OPTIONAL MATCH (p)<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(:Crash)-[:OCCURRED_IN]->(e:Environment)
  WITH DISTINCT e
  RETURN collect(DISTINCT e.site) AS sites, collect(DISTINCT e.version) AS versions
}
RETURN p AS pattern, COUNT { (p)<-[:OF_PATTERN]-() } AS signature_count, sites, versions
