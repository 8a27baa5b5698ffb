// Answers: which signatures have the structural hash of each of these questions, latest first, at most a few each.
// Params: questions LIST<MAP>, limit INTEGER
// Reads: Signature(exact, structural, error_type, cause, frames, blamed, embedding, last_seen), OF_PATTERN,
//   Pattern(pattern_id, name)
// Writes: nothing
// Returns: exact (of the question), neighbours (list of maps)
UNWIND $questions AS question
CALL (question) {
  MATCH (s:Signature {structural: question.structural})-[:OF_PATTERN]->(p:Pattern)
  WITH s, p ORDER BY s.last_seen DESC, s.exact LIMIT $limit
  RETURN collect({
    exact: s.exact, structural: s.structural, error_type: s.error_type, cause: s.cause, frames: s.frames[s.blamed .. s.blamed + 32],
    size: COUNT { (p)<-[:OF_PATTERN]-() },
    meaning: 2 * vector.similarity.cosine(s.embedding, question.embedding) - 1, pattern_id: p.pattern_id, pattern_name: p.name
  }) AS neighbours
}
RETURN question.exact AS exact, neighbours
