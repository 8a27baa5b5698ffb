// Answers: the patterns of the latest crashes of these environments, with the number of those crashes, most first,
//   behind a cursor: of the `latest` ones, found among the `window` latest crashes of all where an environment has more
//   than `latest`.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER, latest INTEGER, window INTEGER
// Reads: Environment(environment_id), OCCURRED_IN, Crash(received_at), HAS_SIGNATURE, Signature, OF_PATTERN,
//   Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank}]}
UNWIND $ids AS id
MATCH (e:Environment {environment_id: id})
WITH id, e, COUNT { (e)<-[:OCCURRED_IN]-() } AS crashes
CALL (e, crashes) {
  CALL (e, crashes) {
    WITH e, crashes WHERE crashes <= $latest
    MATCH (e)<-[:OCCURRED_IN]-(c:Crash)
    RETURN c
    UNION ALL
    WITH e, crashes WHERE crashes > $latest
    MATCH (c:Crash) WHERE c.received_at < datetime('9999-12-31T00:00:00Z')
    WITH e, c ORDER BY c.received_at DESC LIMIT $window
    WHERE EXISTS { (c)-[:OCCURRED_IN]->(e) }
    RETURN c LIMIT $latest
  }
  MATCH (c)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern)
  WITH p, count(*) AS rank
  WHERE rank <= $at AND NOT (rank = $at AND p.pattern_id <= $key)
  WITH p, rank ORDER BY rank DESC, p.pattern_id LIMIT $limit
  RETURN collect({node: p {.*}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
