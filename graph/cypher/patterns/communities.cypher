// Answers: the community of each of these patterns; patterns without one are omitted.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), MEMBER_OF(strength), Community
// Writes: nothing
// Returns: rows: one list of {id, item: {node, strength}}
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})-[m:MEMBER_OF]->(c:Community)
RETURN collect({id: id, item: {node: properties(c), strength: m.strength}}) AS rows
