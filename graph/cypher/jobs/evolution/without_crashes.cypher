// Answers: Patterns with versions from an earlier run that have no crash any more, such as merged ones.
// Params: none
// Reads: Pattern(pattern_id, introduced_in), OF_PATTERN, Signature, HAS_SIGNATURE, Crash
// Writes: nothing
// Returns: ids LIST<STRING>
// Full scan: any pattern may have lost its crashes; it looks at most at one crash of each
MATCH (p:Pattern)
WHERE p.introduced_in IS NOT NULL AND NOT EXISTS { (p)<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(:Crash) }
RETURN collect(p.pattern_id) AS ids
