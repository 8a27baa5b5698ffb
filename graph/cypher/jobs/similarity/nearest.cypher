// Answers: Patterns most similar to each of these (vector index around the signature with the most crashes), without pairs
//   related by the given types and without distinct pairs.
// Params: ids LIST<STRING>, fetched INTEGER, floor FLOAT, types LIST<STRING>, limit INTEGER
// Reads: Pattern(pattern_id, status), OF_PATTERN, Signature(exact, embedding), HAS_SIGNATURE, Crash(crash_id), DISTINCT_FROM
// Writes: nothing
// Returns: rows: one list of {id, neighbours: [{id, score, mine, theirs, support, crash_ids}]}
CYPHER 25
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(s:Signature)
  WHERE s.embedding IS NOT NULL
  WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes
  ORDER BY crashes DESC, s.exact LIMIT 1
  RETURN s, crashes
}
CALL (p, s, crashes) {
  MATCH (t:Signature)
    SEARCH t IN (VECTOR INDEX signature_embedding_vector FOR s.embedding LIMIT $fetched) SCORE AS near
  MATCH (t)-[:OF_PATTERN]->(q:Pattern)
  WHERE q <> p AND coalesce(q.status, 'open') <> 'merged'
  WITH p, s, crashes, q, t, 2 * vector.similarity.cosine(t.embedding, s.embedding) - 1 AS likeness
  WHERE likeness >= $floor
  ORDER BY likeness DESC, t.exact
  WITH p, s, crashes, q, collect(t)[0] AS t, max(likeness) AS score
  WHERE NOT EXISTS { (p)-[:$any($types)]-(q) }
    AND NOT EXISTS { (p)-[:DISTINCT_FROM]-(q) }
    AND NOT EXISTS { (p)<-[:OF_PATTERN]-(:Signature)-[:DISTINCT_FROM]-(q) }
    AND NOT EXISTS { (p)-[:DISTINCT_FROM]-(:Signature)-[:OF_PATTERN]->(q) }
    AND NOT EXISTS { (p)<-[:OF_PATTERN]-(:Signature)-[:DISTINCT_FROM]-(:Signature)-[:OF_PATTERN]->(q) }
  ORDER BY score DESC, q.pattern_id LIMIT $limit
  WITH s, crashes, q, t, score, COUNT { (t)<-[:HAS_SIGNATURE]-() } AS theirs
  RETURN collect({
    id: q.pattern_id, score: score, mine: s.exact, theirs: t.exact,
    support: CASE WHEN crashes < theirs THEN crashes ELSE theirs END,
    crash_ids: [signature IN [s, t] | head([(signature)<-[:HAS_SIGNATURE]-(c:Crash) | c.crash_id])]
  }) AS neighbours
}
RETURN collect({id: p.pattern_id, neighbours: neighbours}) AS rows
