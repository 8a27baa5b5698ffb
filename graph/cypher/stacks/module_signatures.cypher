// Answers: signatures with a frame of these modules in their stacks, by their hashes, behind a cursor. A node with
//   more than `most` is not expanded: the index is read from the cursor on, as ids are hashes and spread evenly.
// Params: ids LIST<STRING>, key STRING, limit INTEGER, most INTEGER
// Reads: Module(key), IN_MODULE, Frame, HAS_FRAME, Signature(exact)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Module {key: id})
WITH id, a, reduce(sum = 0, frame IN COLLECT { MATCH (f:Frame)-[:IN_MODULE]->(a) RETURN COUNT { (f)<-[:HAS_FRAME]-() } } | sum + frame) AS degree
CALL (a, degree) {
  WITH a, degree WHERE degree <= $most
  MATCH (a)<-[:IN_MODULE]-(:Frame)<-[:HAS_FRAME]-(n:Signature)
  WHERE n.exact > $key
  RETURN DISTINCT n ORDER BY n.exact LIMIT $limit
  UNION ALL
  WITH a, degree WHERE degree > $most
  MATCH (n:Signature)
  WHERE n.exact > $key AND EXISTS { (n)-[:HAS_FRAME]->(:Frame)-[:IN_MODULE]->(a) }
  RETURN n ORDER BY n.exact LIMIT $limit
}
WITH id, n ORDER BY n.exact
RETURN collect({id: id, item: n {.*, embedding: null}}) AS rows
