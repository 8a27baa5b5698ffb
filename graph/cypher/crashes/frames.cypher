// Answers: the normalised stacks of these crashes, innermost frame first, behind a cursor.
// Params: ids LIST<STRING>, position INTEGER, limit INTEGER
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature, HAS_FRAME(position), Frame, IN_MODULE, Module(key)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank, module}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Crash {crash_id: id})-[:HAS_SIGNATURE]->(:Signature)-[r:HAS_FRAME]->(f:Frame)
  WHERE r.position > $position
  WITH r, f ORDER BY r.position LIMIT $limit
  RETURN collect({node: f {.*}, rank: r.position, module: head([(f)-[:IN_MODULE]->(m:Module) | m.key])}) AS items
}
RETURN collect({id: id, items: items}) AS rows
