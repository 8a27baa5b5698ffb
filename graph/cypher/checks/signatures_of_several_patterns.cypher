// Answers: signatures that are in several patterns.
// Params: limit INTEGER
// Reads: Signature(exact), OF_PATTERN
// Writes: nothing
// Returns: wrong (number), samples (some of their hashes)
// Full scan: every signature is checked.
MATCH (s:Signature) WHERE COUNT { (s)-[:OF_PATTERN]->() } > 1
RETURN count(s) AS wrong, collect(s.exact)[..$limit] AS samples
