// Answers: the pattern that each of these merged patterns became part of in the end.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), SAME_AS
// Writes: nothing
// Returns: rows: one list of {id, item}
UNWIND $ids AS id
MATCH (a:Pattern {pattern_id: id})
CALL (a) {
  MATCH (a)-[:SAME_AS*1..]->(n:Pattern) WHERE NOT EXISTS { (n)-[:SAME_AS]->(:Pattern) }
  RETURN n LIMIT 1
}
RETURN collect({id: id, item: n {.*}}) AS rows
