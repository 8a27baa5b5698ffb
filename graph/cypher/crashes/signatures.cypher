// Answers: the signature of each of these crashes.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature
// Writes: nothing
// Returns: rows: one list of {ids, item}, the item without its embedding
MATCH (c:Crash)-[:HAS_SIGNATURE]->(s:Signature) WHERE c.crash_id IN $ids
WITH s, collect(c.crash_id) AS ids
RETURN collect({ids: ids, item: s {.*, embedding: null}}) AS rows
