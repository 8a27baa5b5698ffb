// Answers: create signatures in their planned pattern, with the given placement or that of the signature they follow; existing
//   ones stay in their pattern.
// Params: rows LIST<MAP>
// Reads: Signature(exact), OF_PATTERN, Pattern(pattern_id)
// Writes: Signature, OF_PATTERN
// Returns: exact, placed_at (of the created ones)
UNWIND $rows AS row
MATCH (:Signature {exact: row.follows})-[was:OF_PATTERN]->(:Pattern)
MATCH (p:Pattern {pattern_id: row.pattern_id})
MERGE (s:Signature {exact: row.signature.exact})
ON CREATE SET s += row.signature
WITH s, p, was, row WHERE NOT EXISTS { (s)-[:OF_PATTERN]->(:Pattern) }
CREATE (s)-[o:OF_PATTERN]->(p)
SET o = coalesce(row.placed, properties(was))
RETURN s.exact AS exact, o.placed_at AS placed_at
