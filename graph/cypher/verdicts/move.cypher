// Answers: move signatures to patterns. Crashes are not changed.
// Params: rows LIST<MAP>
// Reads: Signature(exact), OF_PATTERN, Pattern(pattern_id)
// Writes: OF_PATTERN
// Returns: moved
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})-[old:OF_PATTERN]->(:Pattern)
MATCH (p:Pattern {pattern_id: row.pattern_id})
DELETE old
CREATE (s)-[o:OF_PATTERN]->(p)
SET o = row.placed
RETURN count(o) AS moved
