// Answers: delete those of these communities that have no members.
// Params: ids LIST<STRING>
// Reads: Community(community_id), MEMBER_OF
// Writes: Community
// Returns: communities
UNWIND $ids AS id
MATCH (k:Community {community_id: id}) WHERE NOT EXISTS { (k)<-[:MEMBER_OF]-() }
DETACH DELETE k
RETURN count(*) AS communities
