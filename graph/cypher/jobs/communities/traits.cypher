// Answers: Error type of each pattern, and modules and functions of the first frames of its most frequent signature, from
//   the culprit on.
// Params: ids LIST<STRING>, frames INTEGER
// Reads: Pattern(pattern_id, error_type), OF_PATTERN, Signature(exact, blamed), HAS_SIGNATURE, HAS_FRAME(position),
//   Frame(key, function), IN_MODULE, Module(key)
// Writes: nothing
// Returns: rows: one list of {id, error_type, modules, functions}
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
OPTIONAL CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(s:Signature)
  WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes
  ORDER BY crashes DESC, s.exact LIMIT 1
  MATCH (s)-[at:HAS_FRAME]->(f:Frame)
  WHERE coalesce(s.blamed, 0) <= at.position < coalesce(s.blamed, 0) + $frames
  OPTIONAL MATCH (f)-[:IN_MODULE]->(m:Module)
  RETURN collect(DISTINCT m.key) AS modules, collect(DISTINCT f.function) AS functions
}
RETURN collect({id: p.pattern_id, error_type: p.error_type, modules: modules, functions: functions}) AS rows
