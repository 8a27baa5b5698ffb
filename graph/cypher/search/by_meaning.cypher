// Answers: the stored signatures that are nearest to a vector, by cosine, with their patterns, as far as those match a
//   filter; empty filters match everything.
// Params: embedding LIST<FLOAT>, severities LIST<STRING>, statuses LIST<STRING>, fetched INTEGER
// Reads: Signature(exact, embedding), OF_PATTERN, Pattern(pattern_id, severity, status)
// Writes: nothing
// Returns: rows: one list of {exact, pattern_id, meaning (cosine)}, nearest first
CYPHER 25
MATCH (s:Signature)
  SEARCH s IN (VECTOR INDEX signature_embedding_vector FOR $embedding LIMIT $fetched) SCORE AS score
MATCH (s)-[:OF_PATTERN]->(p:Pattern)
WHERE (size($severities) = 0 OR p.severity IN $severities) AND (size($statuses) = 0 OR p.status IN $statuses)
WITH s, p, 2 * vector.similarity.cosine(s.embedding, $embedding) - 1 AS meaning
ORDER BY meaning DESC, s.exact
RETURN collect({exact: s.exact, pattern_id: p.pattern_id, meaning: meaning}) AS rows
