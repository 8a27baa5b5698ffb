// Answers: Patterns most similar to each of these (vector index around the signature with the most crashes), without
//   distinct pairs, and the culprit frame of each.
// Params: ids LIST<STRING>, fetched INTEGER, floor FLOAT, limit INTEGER
// Reads: Pattern(pattern_id, status), OF_PATTERN, Signature(exact, embedding, frames, blamed, error_type), HAS_SIGNATURE,
//   DISTINCT_FROM
// Writes: nothing
// Returns: rows: one list of {id, frame, error_type, neighbours: [{id, score}]}
CYPHER 25
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(s:Signature)
  WHERE s.embedding IS NOT NULL
  WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes
  ORDER BY crashes DESC, s.exact LIMIT 1
  RETURN s
}
CALL (p, s) {
  MATCH (t:Signature)
    SEARCH t IN (VECTOR INDEX signature_embedding_vector FOR s.embedding LIMIT $fetched) SCORE AS near
  MATCH (t)-[:OF_PATTERN]->(q:Pattern)
  WHERE q <> p AND coalesce(q.status, 'open') <> 'merged'
  WITH p, q, max(2 * vector.similarity.cosine(t.embedding, s.embedding) - 1) AS likeness
  WHERE likeness >= $floor
    AND NOT EXISTS { (p)-[:DISTINCT_FROM]-(q) }
    AND NOT EXISTS { (p)<-[:OF_PATTERN]-(:Signature)-[:DISTINCT_FROM]-(q) }
    AND NOT EXISTS { (p)-[:DISTINCT_FROM]-(:Signature)-[:OF_PATTERN]->(q) }
    AND NOT EXISTS { (p)<-[:OF_PATTERN]-(:Signature)-[:DISTINCT_FROM]-(:Signature)-[:OF_PATTERN]->(q) }
  WITH q, likeness ORDER BY likeness DESC, q.pattern_id LIMIT $limit
  RETURN collect({id: q.pattern_id, score: likeness}) AS neighbours
}
RETURN collect({id: p.pattern_id, frame: s.frames[s.blamed], error_type: s.error_type, neighbours: neighbours}) AS rows
