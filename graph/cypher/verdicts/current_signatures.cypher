// Answers: the present signatures of these, following replacements, with their patterns and placements.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), REPLACED_BY, OF_PATTERN, Pattern(pattern_id)
// Writes: nothing
// Returns: asked, exact, pattern_id, placed, origins LIST<STRING> (replaced signatures whose crashes it has)
UNWIND $exacts AS asked
MATCH (:Signature {exact: asked})-[:REPLACED_BY*0..]->(s:Signature)-[o:OF_PATTERN]->(p:Pattern)
RETURN DISTINCT asked, s.exact AS exact, p.pattern_id AS pattern_id, properties(o) AS placed,
       COLLECT { MATCH (s)<-[:REPLACED_BY*1..]-(origin:Signature) RETURN origin.exact } AS origins
