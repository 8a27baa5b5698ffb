// Answers: which signatures mean nearly the same as each of these embeddings (vector index, then cut to the nearest).
// Params: questions LIST<MAP>, fetched INTEGER, limit INTEGER
// Reads: Signature(exact, structural, error_type, cause, frames, blamed, embedding), OF_PATTERN, Pattern(pattern_id, name)
// Writes: nothing
// Returns: exact (of the question), neighbours (list of maps)
CYPHER 25
UNWIND $questions AS question
CALL (question) {
  MATCH (s:Signature)
    SEARCH s IN (VECTOR INDEX signature_embedding_vector FOR question.embedding LIMIT $fetched) SCORE AS score
  MATCH (s)-[:OF_PATTERN]->(p:Pattern)
  WITH s, p, 2 * vector.similarity.cosine(s.embedding, question.embedding) - 1 AS meaning
  ORDER BY meaning DESC, s.exact LIMIT $limit
  RETURN collect({
    exact: s.exact, structural: s.structural, error_type: s.error_type, cause: s.cause, frames: s.frames[s.blamed .. s.blamed + 32],
    size: COUNT { (p)<-[:OF_PATTERN]-() },
    meaning: meaning, pattern_id: p.pattern_id, pattern_name: p.name
  }) AS neighbours
}
RETURN question.exact AS exact, neighbours
