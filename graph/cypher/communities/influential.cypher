// Answers: the patterns with the highest influence among causes, and those with the highest brokerage.
// Params: limit INTEGER
// Reads: Pattern(pattern_id, status, influence, brokerage)
// Writes: nothing
// Returns: influential, brokers: lists of nodes
CALL () {
  MATCH (p:Pattern)
  WHERE p.influence > 0 AND coalesce(p.status, 'open') <> 'merged'
  WITH p ORDER BY p.influence DESC, p.pattern_id LIMIT $limit
  RETURN collect(properties(p)) AS influential
}
CALL () {
  MATCH (p:Pattern)
  WHERE p.brokerage > 0 AND coalesce(p.status, 'open') <> 'merged'
  WITH p ORDER BY p.brokerage DESC, p.pattern_id LIMIT $limit
  RETURN collect(properties(p)) AS brokers
}
RETURN influential, brokers
