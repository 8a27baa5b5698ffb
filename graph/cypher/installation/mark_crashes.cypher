// Answers: write the hash of their signature to crashes that lack it, at most so many.
// Params: exacts LIST<STRING>, limit INTEGER
// Reads: Signature(exact), HAS_SIGNATURE, Crash(exact)
// Writes: Crash(exact)
// Returns: crashes
UNWIND $exacts AS exact
MATCH (:Signature {exact: exact})<-[:HAS_SIGNATURE]-(c:Crash) WHERE c.exact IS NULL
WITH c, exact LIMIT $limit
SET c.exact = exact
RETURN count(c) AS crashes
