// Answers: store new signatures in the patterns chosen by the cascade; a signature that has a pattern keeps it.
// Params: rows LIST<MAP>
// Reads: Signature(exact), OF_PATTERN, Pattern(pattern_id)
// Writes: Signature, Pattern, OF_PATTERN
// Returns: exact, pattern_id, pattern_name, founded (whether it is the first of the pattern)
UNWIND $rows AS row
MERGE (s:Signature {exact: row.signature.exact})
ON CREATE SET s += row.signature
WITH s, row
CALL (s, row) {
  WITH s, row WHERE NOT EXISTS { (s)-[:OF_PATTERN]->(:Pattern) }
  MERGE (p:Pattern {pattern_id: row.pattern.pattern_id})
  ON CREATE SET p += row.pattern
  WITH s, row, p, NOT EXISTS { (p)<-[:OF_PATTERN]-() } AS founded
  CREATE (s)-[o:OF_PATTERN]->(p)
  SET o = row.placed
  RETURN collect(founded) AS founded
}
MATCH (s)-[:OF_PATTERN]->(p:Pattern)
RETURN s.exact AS exact, p.pattern_id AS pattern_id, p.name AS pattern_name,
       true IN founded AS founded
