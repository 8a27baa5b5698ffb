// Answers: the pattern of each of these signatures.
// Params: ids LIST<STRING>
// Reads: Signature(exact), OF_PATTERN, Pattern
// Writes: nothing
// Returns: rows: one list of {ids, item}
MATCH (s:Signature)-[:OF_PATTERN]->(p:Pattern) WHERE s.exact IN $ids
WITH p, collect(s.exact) AS ids
RETURN collect({ids: ids, item: p {.*}}) AS rows
