// Answers: the versions of these patterns with the number of crashes in each, most first, behind a cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, SEEN_IN(crashes), Environment, RUNS_VERSION, Version(version_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})<-[:OF_PATTERN]-(:Signature)-[r:SEEN_IN]->(:Environment)-[:RUNS_VERSION]->(n:Version)
  WITH n, sum(r.crashes) AS rank
  WHERE rank <= $at AND NOT (rank = $at AND n.version_id <= $key)
  WITH n, rank ORDER BY rank DESC, n.version_id LIMIT $limit
  RETURN collect({node: n {.*}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
