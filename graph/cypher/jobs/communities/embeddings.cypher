// Answers: Embedding of the most frequent signature of each pattern; patterns without one are left out.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), OF_PATTERN, Signature(exact, embedding), HAS_SIGNATURE
// Writes: nothing
// Returns: ids LIST<STRING>, embeddings LIST<LIST<FLOAT>>
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(s:Signature)
  WHERE s.embedding IS NOT NULL
  WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes
  ORDER BY crashes DESC, s.exact LIMIT 1
  RETURN s.embedding AS embedding
}
RETURN collect(p.pattern_id) AS ids, collect(embedding) AS embeddings
