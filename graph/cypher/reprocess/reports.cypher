// Answers: the input of fingerprints, per crash.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id, format, report, error_type, message), HAS_SIGNATURE, Signature, HAS_FRAME, Frame(function)
// Writes: nothing
// Returns: crash_id, format, report, error_type, message, functions LIST<STRING> (of its signature, for structured crashes)
UNWIND $ids AS id
MATCH (c:Crash {crash_id: id})
RETURN c.crash_id AS crash_id, c.format AS format, c.report AS report, c.error_type AS error_type, c.message AS message,
       COLLECT { MATCH (c)-[:HAS_SIGNATURE]->(:Signature)-[:HAS_FRAME]->(f:Frame) WHERE c.format = 'structured' RETURN DISTINCT f.function }
         AS functions
