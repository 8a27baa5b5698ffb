// Answers: stored signatures that share rare words with each incoming text (full-text index, BM25).
// Params: signatures LIST<MAP>, limit INTEGER
// Reads: Signature(exact, structural, error_type, cause, frames, blamed, embedding), OF_PATTERN, Pattern(pattern_id, name)
// Writes: nothing
// Returns: exact (of the incoming signature), neighbours (list of maps)
UNWIND $signatures AS incoming
CALL (incoming) {
  CALL db.index.fulltext.queryNodes('signature_fulltext', incoming.query, {limit: $limit}) YIELD node AS s, score
  MATCH (s)-[:OF_PATTERN]->(p:Pattern)
  RETURN collect({
    exact: s.exact, structural: s.structural, error_type: s.error_type, cause: s.cause, frames: s.frames[s.blamed .. s.blamed + 32],
    size: COUNT { (p)<-[:OF_PATTERN]-() },
    meaning: 2 * vector.similarity.cosine(s.embedding, incoming.embedding) - 1, pattern_id: p.pattern_id, pattern_name: p.name
  }) AS neighbours
}
RETURN incoming.exact AS exact, neighbours
