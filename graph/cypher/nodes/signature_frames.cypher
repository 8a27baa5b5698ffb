// Answers: the normalised stacks of these signatures, innermost frame first, behind a cursor.
// Params: ids LIST<STRING>, position INTEGER, limit INTEGER
// Reads: Signature(exact), HAS_FRAME(position), Frame, IN_MODULE, Module(key)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank, module}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Signature {exact: id})-[r:HAS_FRAME]->(f:Frame)
  WHERE r.position > $position
  WITH r, f ORDER BY r.position LIMIT $limit
  RETURN collect({node: f {.*}, rank: r.position, module: head([(f)-[:IN_MODULE]->(m:Module) | m.key])}) AS items
}
RETURN collect({id: id, items: items}) AS rows
