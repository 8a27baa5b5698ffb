// Answers: remove replaced signatures without crashes from their patterns and from the search indexes; the nodes stay for the
//   history.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), HAS_SIGNATURE, REPLACED_BY, Pattern(pattern_id)
// Writes: OF_PATTERN, HAS_FRAME, Signature(text, embedding)
// Returns: exact, pattern_id, placed_at
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})-[o:OF_PATTERN]->(p:Pattern)
WHERE EXISTS { (s)-[:REPLACED_BY]->() } AND NOT EXISTS { (s)<-[:HAS_SIGNATURE]-() }
WITH s, o, p, p.pattern_id AS pattern_id, o.placed_at AS placed_at
CALL (s) {
  MATCH (s)-[f:HAS_FRAME]->()
  DELETE f
}
DELETE o
SET s.text = '', s.embedding = NULL
RETURN s.exact AS exact, pattern_id, placed_at
