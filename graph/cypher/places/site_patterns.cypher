// Answers: the patterns of the `latest` crashes of these sites, with the number of those crashes, most first, behind a
//   cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER, latest INTEGER
// Reads: Crash(site, received_at), HAS_SIGNATURE, Signature, OF_PATTERN, Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (c:Crash)
  USING INDEX c:Crash(site, received_at)
  WHERE c.site = id AND c.received_at IS NOT NULL
  WITH c ORDER BY c.site DESC, c.received_at DESC LIMIT $latest
  MATCH (c)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern)
  WITH p, count(*) AS rank
  WHERE rank <= $at AND NOT (rank = $at AND p.pattern_id <= $key)
  WITH p, rank ORDER BY rank DESC, p.pattern_id LIMIT $limit
  RETURN collect({node: p {.*}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
