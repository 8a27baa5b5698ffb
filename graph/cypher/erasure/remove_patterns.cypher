// Answers: delete patterns with their history.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), Revision(pattern_id), RESOLVES, Solution, MEMBER_OF, Community(community_id)
// Writes: Pattern, Revision
// Returns: pattern_id, communities (ids), solutions (number that resolved only this pattern)
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (id) {
  MATCH (r:Revision {pattern_id: id})
  DETACH DELETE r
}
WITH p, id, COLLECT { MATCH (p)-[:MEMBER_OF]->(k:Community) RETURN k.community_id } AS communities,
     COUNT { MATCH (p)<-[:RESOLVES]-(x:Solution) WHERE COUNT { (x)-[:RESOLVES]->() } = 1 } AS solutions
DETACH DELETE p
RETURN id AS pattern_id, communities, solutions
