// Answers: versions, sites and other facts over-represented in the environments of these patterns, most significant
//   first, behind a cursor; a key is the fact and the product, with a space in between.
// Params: ids LIST<STRING>, p_value FLOAT, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), CORRELATES_WITH(p_value, attribute, value, product)
// Writes: nothing
// Returns: rows: one list of {id, items: [{label, node, evidence}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})-[r:CORRELATES_WITH]->(n)
  WITH r, n, coalesce(r.p_value, 1.0) AS rank, r.attribute + '=' + r.value + ' ' + r.product AS key
  WHERE rank > $p_value OR (rank = $p_value AND key > $key)
  WITH r, n, rank, key ORDER BY rank, key LIMIT $limit
  RETURN collect({label: head(labels(n)), node: n {.*}, evidence: r {.*}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
