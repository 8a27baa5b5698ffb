// Answers: delete signatures, with what names a pattern after them.
// Params: exacts LIST<STRING>
// Reads: Signature(exact, title, error_type, cause, frames, blamed), HAS_FRAME, Frame(key)
// Writes: Signature
// Returns: exact, title, error_type, cause, frames (from the culprit on), keys (of its frames)
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})
WITH s, s.exact AS exact, s.title AS title, coalesce(s.error_type, '') AS error_type, s.cause AS cause,
     coalesce(s.frames[s.blamed .. s.blamed + 4], []) AS frames,
     COLLECT { MATCH (s)-[:HAS_FRAME]->(f:Frame) RETURN DISTINCT f.key } AS keys
DETACH DELETE s
RETURN exact, title, error_type, cause, frames, keys
