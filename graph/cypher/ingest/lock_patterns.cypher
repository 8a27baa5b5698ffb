// Answers: take the write locks of the patterns of these signatures in the order of their ids, so that nothing recounts or moves
//   them until the batch is stored.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), OF_PATTERN, Pattern(pattern_id)
// Writes: Pattern
// Returns: patterns
UNWIND $exacts AS exact
MATCH (:Signature {exact: exact})-[:OF_PATTERN]->(p:Pattern)
WITH DISTINCT p ORDER BY p.pattern_id
SET p:Pattern
RETURN count(p) AS patterns
