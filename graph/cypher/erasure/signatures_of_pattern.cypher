// Answers: the signatures of a pattern.
// Params: pattern_id STRING
// Reads: Pattern(pattern_id), OF_PATTERN, Signature(exact)
// Writes: nothing
// Returns: exact
MATCH (:Pattern {pattern_id: $pattern_id})<-[:OF_PATTERN]-(s:Signature)
RETURN s.exact AS exact
