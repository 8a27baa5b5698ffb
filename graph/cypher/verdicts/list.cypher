// Answers: verdicts before an ordinal, latest first; only those about one of these names, if any are given.
// Params: before INTEGER, about LIST<STRING>, standing BOOLEAN, limit INTEGER
// Reads: Verdict(ordinal, kind, undone_at, touched, subjects)
// Writes: nothing
// Returns: verdict (without its journal)
MATCH (v:Verdict)
WHERE v.ordinal < $before
  AND (size($about) = 0 OR any(name IN $about WHERE name IN v.touched OR name IN v.subjects))
  AND NOT ($standing AND (v.undone_at IS NOT NULL OR v.kind = 'undo'))
RETURN v {.*, journal: '{}'} AS verdict ORDER BY v.ordinal DESC LIMIT $limit
