// Answers: the number of signatures of each of these patterns.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), OF_PATTERN
// Writes: nothing
// Returns: rows: one list of {id, item: {signatures}}
MATCH (p:Pattern) WHERE p.pattern_id IN $ids
RETURN collect({id: p.pattern_id, item: {signatures: COUNT { (p)<-[:OF_PATTERN]-() }}}) AS rows
