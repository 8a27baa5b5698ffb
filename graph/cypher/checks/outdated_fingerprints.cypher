// Answers: signatures with crashes whose fingerprint is of another version than this one.
// Params: version STRING, limit INTEGER
// Reads: Signature(fingerprint_version, exact), HAS_SIGNATURE
// Writes: nothing
// Returns: wrong (number), samples (some of their hashes)
// Full scan: every signature is checked.
MATCH (s:Signature) WHERE s.fingerprint_version <> $version AND EXISTS { (s)<-[:HAS_SIGNATURE]-() }
RETURN count(s) AS wrong, collect(s.exact)[..$limit] AS samples
