// Answers: Latest crashes of each pattern in environments with the given value of a property.
// Params: pairs LIST<MAP>, limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, HAS_SIGNATURE, Crash(crash_id, received_at, status), OCCURRED_IN,
//   Environment(product)
// Writes: nothing
// Returns: positions LIST<INTEGER>, samples LIST<LIST<STRING>>
UNWIND $pairs AS pair
CALL (pair) {
  MATCH (:Pattern {pattern_id: pair.pattern_id})<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  MATCH (c)-[:OCCURRED_IN]->(e:Environment)
  WHERE c.status = 'matched' AND e[pair.name] = pair.value AND coalesce(e.product, '') = pair.product
  WITH c ORDER BY c.received_at DESC, c.crash_id LIMIT $limit
  RETURN collect(c.crash_id) AS crash_ids
}
RETURN collect(pair.position) AS positions, collect(crash_ids) AS samples
