// Answers: patterns that were merged into these, directly, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), SAME_AS
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Pattern {pattern_id: id})
CALL (a) {
  MATCH (a)<-[:SAME_AS]-(n:Pattern)
  WHERE n.pattern_id > $key
  RETURN DISTINCT n ORDER BY n.pattern_id LIMIT $limit
}
WITH id, n ORDER BY n.pattern_id
RETURN collect({id: id, item: n {.*}}) AS rows
