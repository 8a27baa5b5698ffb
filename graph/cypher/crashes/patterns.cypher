// Answers: the pattern of each of these crashes.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (c:Crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern) WHERE c.crash_id IN $ids
RETURN collect({id: c.crash_id, item: p {.*}}) AS rows
