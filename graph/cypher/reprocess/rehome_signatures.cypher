// Answers: move signatures to other patterns, with the placement of the signatures they follow.
// Params: rows LIST<MAP>
// Reads: Signature(exact), OF_PATTERN(placed_at), Pattern(pattern_id)
// Writes: OF_PATTERN
// Returns: exact, source, target, before, after (time of placement in either pattern)
UNWIND $rows AS row
MATCH (:Signature {exact: row.follows})-[was:OF_PATTERN]->(:Pattern)
MATCH (s:Signature {exact: row.exact})-[old:OF_PATTERN]->(source:Pattern)
MATCH (p:Pattern {pattern_id: row.pattern_id})
WITH s, p, old, source, old.placed_at AS before, properties(was) AS placed
DELETE old
CREATE (s)-[o:OF_PATTERN]->(p)
SET o = placed
RETURN s.exact AS exact, source.pattern_id AS source, p.pattern_id AS target, before, o.placed_at AS after
