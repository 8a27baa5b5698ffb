// Answers: Cosine of the most frequent signatures of each pair of patterns.
// Params: pairs LIST<LIST<STRING>>
// Reads: Pattern(pattern_id), OF_PATTERN, Signature(exact, embedding), HAS_SIGNATURE
// Writes: nothing
// Returns: likeness LIST<FLOAT> (pairs without embeddings left out)
UNWIND $pairs AS pair
CALL (pair) {
  UNWIND pair AS id
  CALL (id) {
    MATCH (:Pattern {pattern_id: id})<-[:OF_PATTERN]-(s:Signature)
    WHERE s.embedding IS NOT NULL
    RETURN s.embedding AS embedding ORDER BY COUNT { (s)<-[:HAS_SIGNATURE]-() } DESC, s.exact LIMIT 1
  }
  RETURN collect(embedding) AS embeddings
}
WITH embeddings WHERE size(embeddings) = 2
RETURN collect(2 * vector.similarity.cosine(embeddings[0], embeddings[1]) - 1) AS likeness
