// Answers: the products with crashes of a pattern.
// Params: pattern_id STRING
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, SEEN_IN, Environment(product)
// Writes: nothing
// Returns: products
MATCH (:Pattern {pattern_id: $pattern_id})<-[:OF_PATTERN]-(:Signature)-[:SEEN_IN]->(e:Environment)
RETURN collect(DISTINCT coalesce(e.product, '')) AS products
