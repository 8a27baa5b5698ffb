// Answers: the crashes of these ids, without their reports, each with the id of its pattern.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {id, item, pattern_id}
MATCH (c:Crash) WHERE c.crash_id IN $ids
OPTIONAL MATCH (c)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern)
RETURN collect({id: c.crash_id, item: c {.*, report: ''}, pattern_id: p.pattern_id}) AS rows
