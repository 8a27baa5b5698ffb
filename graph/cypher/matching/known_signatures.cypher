// Answers: stored signatures by hash, with their patterns.
// Params: exacts LIST<STRING>
// Reads: Signature(exact, structural, error_type, cause, frames, blamed), OF_PATTERN(strategy), Pattern(pattern_id, name)
// Writes: nothing
// Returns: exact, structural, error_type, cause, frames, size, pattern_id, pattern_name, by_verdict
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})-[o:OF_PATTERN]->(p:Pattern)
RETURN s.exact AS exact, s.structural AS structural, s.error_type AS error_type, s.cause AS cause,
       s.frames[s.blamed .. s.blamed + 32] AS frames, COUNT { (p)<-[:OF_PATTERN]-() } AS size,
       p.pattern_id AS pattern_id, p.name AS pattern_name, o.strategy = 'verdict' AS by_verdict
