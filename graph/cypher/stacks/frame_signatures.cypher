// Answers: signatures with these frames in their stacks, by their hashes, behind a cursor. A node with more than
//   `most` is not expanded: the index is read from the cursor on, as ids are hashes and spread evenly.
// Params: ids LIST<STRING>, key STRING, limit INTEGER, most INTEGER
// Reads: Frame(key), HAS_FRAME, Signature(exact)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Frame {key: id})
WITH id, a, COUNT { (a)<-[:HAS_FRAME]-() } AS degree
CALL (a, degree) {
  WITH a, degree WHERE degree <= $most
  MATCH (a)<-[:HAS_FRAME]-(n:Signature)
  WHERE n.exact > $key
  RETURN DISTINCT n ORDER BY n.exact LIMIT $limit
  UNION ALL
  WITH a, degree WHERE degree > $most
  MATCH (n:Signature)
  WHERE n.exact > $key AND EXISTS { (n)-[:HAS_FRAME]->(a) }
  RETURN n ORDER BY n.exact LIMIT $limit
}
WITH id, n ORDER BY n.exact
RETURN collect({id: id, item: n {.*, embedding: null}}) AS rows
