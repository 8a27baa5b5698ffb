// Answers: nearest stored signatures of each embedding (vector index, then the best by exact cosine).
// Params: signatures LIST<MAP>, fetched INTEGER, limit INTEGER
// Reads: Signature(exact, structural, error_type, cause, frames, blamed, embedding), OF_PATTERN, Pattern(pattern_id, name)
// Writes: nothing
// Returns: exact (of the incoming signature), neighbours (list of maps)
CYPHER 25
UNWIND $signatures AS incoming
CALL (incoming) {
  MATCH (s:Signature)
    SEARCH s IN (VECTOR INDEX signature_embedding_vector FOR incoming.embedding LIMIT $fetched) SCORE AS score
  MATCH (s)-[:OF_PATTERN]->(p:Pattern)
  WITH s, p, 2 * vector.similarity.cosine(s.embedding, incoming.embedding) - 1 AS meaning
  ORDER BY meaning DESC, s.exact LIMIT $limit
  RETURN collect({
    exact: s.exact, structural: s.structural, error_type: s.error_type, cause: s.cause, frames: s.frames[s.blamed .. s.blamed + 32],
    size: COUNT { (p)<-[:OF_PATTERN]-() },
    meaning: meaning, pattern_id: p.pattern_id, pattern_name: p.name
  }) AS neighbours
}
RETURN incoming.exact AS exact, neighbours
