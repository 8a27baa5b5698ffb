// Answers: crashes of signatures, grouped by distinct report.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), HAS_SIGNATURE, Crash(crash_id, stored_hash, format, error_type)
// Writes: nothing
// Returns: exact, crash_ids LIST<STRING> (with the same report)
UNWIND $exacts AS exact
MATCH (:Signature {exact: exact})<-[:HAS_SIGNATURE]-(c:Crash)
WITH exact, coalesce(c.stored_hash, c.crash_id) AS text, c.format AS format, c.error_type AS error_type, c.crash_id AS id ORDER BY id
WITH exact, text, format, error_type, collect(id) AS crash_ids
RETURN exact, crash_ids
