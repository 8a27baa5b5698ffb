// Answers: the crashes of a pattern, in the order of their ids.
// Params: pattern_id STRING
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, HAS_SIGNATURE, Crash(crash_id)
// Writes: nothing
// Returns: crash_id
MATCH (:Pattern {pattern_id: $pattern_id})<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
RETURN DISTINCT c.crash_id AS crash_id ORDER BY crash_id
