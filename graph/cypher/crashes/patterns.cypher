// Answers: the pattern of each of these crashes.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern
// Writes: nothing
// Returns: rows: one list of {ids, item}
MATCH (c:Crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern) WHERE c.crash_id IN $ids
WITH p, collect(c.crash_id) AS ids
RETURN collect({ids: ids, item: p {.*}}) AS rows
