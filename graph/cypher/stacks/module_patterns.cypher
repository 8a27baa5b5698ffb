// Answers: patterns with a frame of these modules in a stack, by their ids, behind a cursor. A node with more than
//   `most` is not expanded: the index is read from the cursor on, as ids are hashes and spread evenly.
// Params: ids LIST<STRING>, key STRING, limit INTEGER, most INTEGER
// Reads: Module(key), IN_MODULE, Frame, HAS_FRAME, Signature, OF_PATTERN, Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Module {key: id})
WITH id, a, reduce(sum = 0, frame IN COLLECT { MATCH (f:Frame)-[:IN_MODULE]->(a) RETURN COUNT { (f)<-[:HAS_FRAME]-() } } | sum + frame) AS degree
CALL (a, degree) {
  WITH a, degree WHERE degree <= $most
  MATCH (a)<-[:IN_MODULE]-(:Frame)<-[:HAS_FRAME]-(:Signature)-[:OF_PATTERN]->(n:Pattern)
  WHERE n.pattern_id > $key
  RETURN DISTINCT n ORDER BY n.pattern_id LIMIT $limit
  UNION ALL
  WITH a, degree WHERE degree > $most
  MATCH (n:Pattern)
  WHERE n.pattern_id > $key AND EXISTS { (n)<-[:OF_PATTERN]-(:Signature)-[:HAS_FRAME]->(:Frame)-[:IN_MODULE]->(a) }
  RETURN n ORDER BY n.pattern_id LIMIT $limit
}
WITH id, n ORDER BY n.pattern_id
RETURN collect({id: id, item: n {.*}}) AS rows
