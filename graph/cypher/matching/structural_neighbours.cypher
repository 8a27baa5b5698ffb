// Answers: stored signatures with the structural hash of each incoming one, latest first, up to a limit.
// Params: signatures LIST<MAP>, limit INTEGER
// Reads: Signature(exact, structural, error_type, cause, frames, blamed, embedding, last_seen), OF_PATTERN,
//   Pattern(pattern_id, name)
// Writes: nothing
// Returns: exact (of the incoming signature), neighbours (list of maps)
UNWIND $signatures AS incoming
CALL (incoming) {
  MATCH (s:Signature {structural: incoming.structural})-[:OF_PATTERN]->(p:Pattern)
  WITH s, p ORDER BY s.last_seen DESC, s.exact LIMIT $limit
  RETURN collect({
    exact: s.exact, structural: s.structural, error_type: s.error_type, cause: s.cause, frames: s.frames[s.blamed .. s.blamed + 32],
    size: COUNT { (p)<-[:OF_PATTERN]-() },
    meaning: 2 * vector.similarity.cosine(s.embedding, incoming.embedding) - 1, pattern_id: p.pattern_id, pattern_name: p.name
  }) AS neighbours
}
RETURN incoming.exact AS exact, neighbours
