// Answers: the patterns that are over-represented at these sites, versions or facts (`label` of the nodes), strongest
//   first, behind a cursor, with the evidence.
// Params: label STRING, ids LIST<STRING>, score FLOAT, key STRING, limit INTEGER
// Reads: Site(name), Version(version_id), Attribute(key), CORRELATES_WITH(score), Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, evidence}]}
UNWIND $ids AS id
CALL (id) {
  WITH id WHERE $label = 'Site'
  MATCH (n:Site {name: id})
  RETURN n
  UNION ALL
  WITH id WHERE $label = 'Version'
  MATCH (n:Version {version_id: id})
  RETURN n
  UNION ALL
  WITH id WHERE $label = 'Attribute'
  MATCH (n:Attribute {key: id})
  RETURN n
}
CALL (n) {
  MATCH (n)<-[r:CORRELATES_WITH]-(p:Pattern)
  WHERE r.score <= $score AND NOT (r.score = $score AND p.pattern_id <= $key)
  WITH r, p ORDER BY r.score DESC, p.pattern_id LIMIT $limit
  RETURN collect({node: p {.*}, evidence: properties(r)}) AS items
}
RETURN collect({id: id, items: items}) AS rows
