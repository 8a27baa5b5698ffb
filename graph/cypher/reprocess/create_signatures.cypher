// Answers: store signatures in the pattern that they are to be in, placed there as the signature was that they follow; one that
//   is there already stays where it is.
// Params: rows LIST<MAP>
// Reads: Signature(exact), OF_PATTERN, Pattern(pattern_id)
// Writes: Signature, OF_PATTERN
// Returns: exact, placed_at (of those that came)
UNWIND $rows AS row
MATCH (:Signature {exact: row.follows})-[was:OF_PATTERN]->(:Pattern)
MATCH (p:Pattern {pattern_id: row.pattern_id})
MERGE (s:Signature {exact: row.signature.exact})
ON CREATE SET s += row.signature
WITH s, p, was WHERE NOT EXISTS { (s)-[:OF_PATTERN]->(:Pattern) }
CREATE (s)-[o:OF_PATTERN]->(p)
SET o = properties(was)
RETURN s.exact AS exact, o.placed_at AS placed_at
