// Answers: understood crashes without a signature or pattern.
// Params: limit INTEGER
// Reads: Crash(status, crash_id), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern
// Writes: nothing
// Returns: wrong (number), samples (some of their ids)
MATCH (c:Crash {status: 'matched'}) WHERE NOT EXISTS { (c)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(:Pattern) }
RETURN count(c) AS wrong, collect(c.crash_id)[..$limit] AS samples
