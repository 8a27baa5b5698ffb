// Answers: nothing; who is of which family as the run found it, those left out that became part of another meanwhile.
// Params: rows LIST<MAP>, run_id STRING
// Reads: Pattern(pattern_id, status), Community(community_id)
// Writes: MEMBER_OF(strength, run_id)
// Returns: written
UNWIND $rows AS row
MATCH (p:Pattern {pattern_id: row.id})
MATCH (c:Community {community_id: row.community})
WHERE coalesce(p.status, 'open') <> 'merged'
MERGE (p)-[m:MEMBER_OF]->(c)
SET m.strength = row.strength, m.run_id = $run_id
RETURN count(*) AS written
