// Answers: the strongest relationships of these types among these patterns, with their evidence, and their total number.
// Params: ids LIST<STRING>, types LIST<STRING>, min_score FLOAT, limit INTEGER
// Reads: Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {source, target, type, evidence}, total
MATCH (p:Pattern) WHERE p.pattern_id IN $ids
MATCH (p)-[r:$any($types)]->(q:Pattern)
WHERE q.pattern_id IN $ids AND r.score >= $min_score
WITH p, r, q ORDER BY r.score DESC, p.pattern_id, q.pattern_id, type(r)
WITH collect({source: p.pattern_id, target: q.pattern_id, relationship: r}) AS edges
RETURN [edge IN edges[0..$limit] |
         {source: edge.source, target: edge.target, type: type(edge.relationship), evidence: properties(edge.relationship)}
       ] AS rows,
       size(edges) AS total
