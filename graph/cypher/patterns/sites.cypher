// Answers: the sites of these patterns with the number of crashes in each, most first, behind a cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, SEEN_IN(crashes), Environment, AT_SITE, Site(name)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})<-[:OF_PATTERN]-(:Signature)-[r:SEEN_IN]->(:Environment)-[:AT_SITE]->(n:Site)
  WITH n, sum(r.crashes) AS rank
  WHERE rank <= $at AND NOT (rank = $at AND n.name <= $key)
  WITH n, rank ORDER BY rank DESC, n.name LIMIT $limit
  RETURN collect({node: n {.*}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
