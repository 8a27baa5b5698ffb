// Answers: patterns that have no signature although they are not merged into another.
// Params: limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN, SAME_AS
// Writes: nothing
// Returns: wrong (number), samples (some of their ids)
// Full scan: every pattern is checked.
MATCH (p:Pattern) WHERE NOT EXISTS { (p)<-[:OF_PATTERN]-() } AND NOT EXISTS { (p)-[:SAME_AS]->(:Pattern) }
RETURN count(p) AS wrong, collect(p.pattern_id)[..$limit] AS samples
