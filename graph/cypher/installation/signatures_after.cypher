// Answers: some signatures in the order of their hashes, behind one of them.
// Params: after STRING, limit INTEGER
// Reads: Signature(exact)
// Writes: nothing
// Returns: exact
MATCH (s:Signature) WHERE s.exact > $after
WITH s ORDER BY s.exact LIMIT $limit
RETURN s.exact AS exact
