// Answers: Pairs of signatures that verdicts in force after an ordinal call the same (label 1) or distinct (0), in order. A
//   pattern is represented by its `limit` most frequent signatures; replaced signatures by their successors.
// Params: after INTEGER, limit INTEGER
// Reads: Verdict(verdict_id, ordinal, kind, at, undone_at), SAME_AS(verdict_id), DISTINCT_FROM(verdict_id), Pattern, REPLACED_BY,
//   OF_PATTERN(verdict_id), Signature(exact, structural, error_type, cause, frames, blamed, text, embedding), HAS_SIGNATURE
// Writes: nothing
// Returns: ordinal, verdict_id, at, label, a and b (maps of a signature)
MATCH (v:Verdict) WHERE v.ordinal > $after AND v.undone_at IS NULL AND NOT v.kind IN ['undo', 'reprocess']
CALL (v) {
  MATCH (m)-[r:SAME_AS]->(n) WHERE r.verdict_id = v.verdict_id AND r.carried_by IS NULL
  RETURN m, n, 1 AS label
  UNION
  MATCH (m)-[r:DISTINCT_FROM]->(n) WHERE r.verdict_id = v.verdict_id AND r.carried_by IS NULL
  RETURN m, n, 0 AS label
}
CALL (v, m, n, label) {
  // a pattern that became part of another speaks through the signatures that its verdict moved
  MATCH (m)-[:SAME_AS*0..]->(home:Pattern)<-[o:OF_PATTERN]-(s:Signature)
  WHERE m:Pattern AND NOT EXISTS { (home)-[:SAME_AS]->(:Pattern) } AND (label = 0 OR o.verdict_id = v.verdict_id)
  WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes ORDER BY crashes DESC, s.exact LIMIT $limit
  RETURN s AS a
  UNION
  MATCH (m)-[:REPLACED_BY*0..]->(s:Signature)-[:OF_PATTERN]->(:Pattern) WHERE m:Signature
  RETURN s AS a
}
CALL (v, n, label) {
  MATCH (n)-[:SAME_AS*0..]->(home:Pattern)<-[o:OF_PATTERN]-(s:Signature)
  WHERE n:Pattern AND NOT EXISTS { (home)-[:SAME_AS]->(:Pattern) } AND (label = 0 OR coalesce(o.verdict_id, '') <> v.verdict_id)
  WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes ORDER BY crashes DESC, s.exact LIMIT $limit
  RETURN s AS b
  UNION
  MATCH (n)-[:REPLACED_BY*0..]->(s:Signature)-[:OF_PATTERN]->(:Pattern) WHERE n:Signature
  RETURN s AS b
}
WITH v, a, b, label WHERE a <> b
RETURN DISTINCT v.ordinal AS ordinal, v.verdict_id AS verdict_id, v.at AS at, label,
       a {.exact, .structural, .error_type, .cause, .frames, .blamed, .text, .embedding} AS a,
       b {.exact, .structural, .error_type, .cause, .frames, .blamed, .text, .embedding} AS b
ORDER BY ordinal, a.exact, b.exact
