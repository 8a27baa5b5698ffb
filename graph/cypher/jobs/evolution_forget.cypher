// Answers: take back in which versions a pattern was seen from those that have no crash any more, such as merged ones.
// Params: none
// Reads: Pattern(introduced_in), OF_PATTERN, Signature, HAS_SIGNATURE, Crash
// Writes: Pattern(introduced_in, last_seen_in, returned_in)
// Returns: written
// Full scan: a pattern that lost its crashes can be any; it looks at most at one crash of each.
MATCH (p:Pattern)
WHERE p.introduced_in IS NOT NULL AND NOT EXISTS { (p)<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(:Crash) }
SET p.introduced_in = null, p.last_seen_in = null, p.returned_in = null
RETURN count(*) AS written
