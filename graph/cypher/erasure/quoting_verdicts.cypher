// Answers: verdicts with one of these keys in their journal or subjects.
// Params: keys LIST<STRING>, names LIST<STRING>
// Reads: Verdict(ordinal, verdict_id, subjects, touched, journal)
// Writes: nothing
// Returns: verdict_id, subjects, touched, journal
MATCH (v:Verdict) WHERE v.ordinal >= 0
  AND (any(name IN $names WHERE name IN v.subjects OR name IN v.touched) OR any(key IN $keys WHERE v.journal CONTAINS key))
RETURN v.verdict_id AS verdict_id, v.subjects AS subjects, v.touched AS touched, v.journal AS journal
