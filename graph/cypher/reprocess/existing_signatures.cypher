// Answers: existing signatures by hash, with their patterns.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), OF_PATTERN(strategy, placed_at), Pattern(pattern_id, created_at), SAME_AS, HAS_SIGNATURE
// Writes: nothing
// Returns: exact, pattern_id, created_at, placed_at, by_person, crashes
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})-[o:OF_PATTERN]->(p:Pattern)
RETURN exact, p.pattern_id AS pattern_id, p.created_at AS created_at, o.placed_at AS placed_at,
       o.strategy = 'verdict' OR EXISTS { (s)-[:SAME_AS]-() } AS by_person, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes
