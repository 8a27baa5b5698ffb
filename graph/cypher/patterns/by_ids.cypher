// Answers: the patterns of these ids.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), OF_PATTERN
// Writes: nothing
// Returns: rows: one list of {id, pattern, signature_count}
MATCH (p:Pattern) WHERE p.pattern_id IN $ids
RETURN collect({id: p.pattern_id, pattern: p {.*}, signature_count: COUNT { (p)<-[:OF_PATTERN]-() }}) AS rows
