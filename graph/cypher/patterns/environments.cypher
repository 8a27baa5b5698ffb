// Answers: the environments of these patterns with the number of crashes in each, most first, behind a cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, SEEN_IN(crashes), Environment(environment_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})<-[:OF_PATTERN]-(:Signature)-[r:SEEN_IN]->(n:Environment)
  WITH n, sum(r.crashes) AS rank
  WHERE rank <= $at AND NOT (rank = $at AND n.environment_id <= $key)
  WITH n, rank ORDER BY rank DESC, n.environment_id LIMIT $limit
  RETURN collect({node: n {.*}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
