// Answers: the patterns of the `latest` crashes of these versions, with the number of those crashes, most first,
//   behind a cursor; if `introduced`, only those that the version introduced.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER, latest INTEGER, introduced BOOLEAN
// Reads: Version(version_id, product, version), Crash(product, version, received_at), RUNS_VERSION, Environment,
//   OCCURRED_IN, HAS_SIGNATURE, Signature, OF_PATTERN, Pattern(pattern_id, introduced_in)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, rank}]}
UNWIND $ids AS id
MATCH (v:Version {version_id: id})
CALL (v) {
  CALL (v) {
    WITH v WHERE v.product <> ''
    MATCH (c:Crash)
    USING INDEX c:Crash(product, version, received_at)
    WHERE c.product = v.product AND c.version = v.version AND c.received_at IS NOT NULL
    RETURN c ORDER BY c.product DESC, c.version DESC, c.received_at DESC LIMIT $latest
    UNION ALL
    WITH v WHERE v.product = ''
    MATCH (v)<-[:RUNS_VERSION]-(:Environment)<-[:OCCURRED_IN]-(c:Crash)
    RETURN c ORDER BY c.received_at DESC LIMIT $latest
  }
  MATCH (c)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern)
  WITH p, count(*) AS rank, $introduced AND NOT v.version_id IN coalesce(p.introduced_in, []) AS left_out
  WHERE NOT left_out AND rank <= $at AND NOT (rank = $at AND p.pattern_id <= $key)
  WITH p, rank ORDER BY rank DESC, p.pattern_id LIMIT $limit
  RETURN collect({node: p {.*}, rank: rank}) AS items
}
RETURN collect({id: id, items: items}) AS rows
