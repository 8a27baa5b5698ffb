// Answers: Members of each community after the last run.
// Params: none
// Reads: Pattern(pattern_id), MEMBER_OF, Community(community_id)
// Writes: nothing
// Returns: members LIST<STRING>, communities LIST<STRING>
// Full scan: every family may go on.
MATCH (p:Pattern)-[:MEMBER_OF]->(c:Community)
RETURN collect(p.pattern_id) AS members, collect(c.community_id) AS communities
