// Answers: a page of the patterns of each of these communities, strongest members first, merged patterns omitted.
// Params: ids LIST<STRING>, strength FLOAT, key STRING, limit INTEGER
// Reads: Community(community_id), MEMBER_OF(strength), Pattern(pattern_id, status)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, strength}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Community {community_id: id})<-[m:MEMBER_OF]-(p:Pattern)
  WHERE coalesce(p.status, 'open') <> 'merged'
    AND (m.strength < $strength OR (m.strength = $strength AND p.pattern_id > $key))
  WITH m, p ORDER BY m.strength DESC, p.pattern_id LIMIT $limit
  RETURN collect({node: properties(p), strength: m.strength}) AS items
}
RETURN collect({id: id, items: items}) AS rows
