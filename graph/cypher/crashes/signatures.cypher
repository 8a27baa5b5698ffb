// Answers: the signature of each of these crashes.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), HAS_SIGNATURE, Signature
// Writes: nothing
// Returns: rows: one list of {id, item}, the item without its embedding
MATCH (c:Crash)-[:HAS_SIGNATURE]->(s:Signature) WHERE c.crash_id IN $ids
RETURN collect({id: c.crash_id, item: s {.*, embedding: null}}) AS rows
