// Answers: the pattern of each of these signatures.
// Params: ids LIST<STRING>
// Reads: Signature(exact), OF_PATTERN, Pattern
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (s:Signature)-[:OF_PATTERN]->(p:Pattern) WHERE s.exact IN $ids
RETURN collect({id: s.exact, item: p {.*}}) AS rows
