// Answers: versions, sites and other facts over-represented in the environments of these patterns, strongest first.
// Params: ids LIST<STRING>, limit INTEGER
// Reads: Pattern(pattern_id), CORRELATES_WITH(score, p_value, attribute, value)
// Writes: nothing
// Returns: rows: one list of {id, items: list of evidence}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})-[r:CORRELATES_WITH]->()
  WITH r ORDER BY r.p_value, r.score DESC, r.attribute, r.value LIMIT $limit
  RETURN collect(r {.*}) AS items
}
RETURN collect({id: id, items: items}) AS rows
