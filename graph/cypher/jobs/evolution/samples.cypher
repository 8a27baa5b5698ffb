// Answers: Latest crashes of each pattern in these versions of a product.
// Params: lookups LIST<MAP>, limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, HAS_SIGNATURE, Crash(crash_id, received_at, occurred_at, status, product,
//   version)
// Writes: nothing
// Returns: positions LIST<INTEGER>, samples LIST<LIST<STRING>>
UNWIND $lookups AS lookup
CALL (lookup) {
  MATCH (:Pattern {pattern_id: lookup.pattern_id})<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  WHERE c.status = 'matched' AND c.version IN lookup.versions AND coalesce(c.product, '') = lookup.product
  WITH c ORDER BY coalesce(c.occurred_at, c.received_at) DESC, c.crash_id LIMIT $limit
  RETURN collect(c.crash_id) AS crash_ids
}
RETURN collect(lookup.position) AS positions, collect(crash_ids) AS samples
