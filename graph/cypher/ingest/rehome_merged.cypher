// Answers: move new signatures of a pattern merged meanwhile to the surviving pattern, and recount it.
//   Runs after `ingest/roll_up`, which has locked the pattern, so that no verdict can intervene.
// Params: exacts LIST<STRING>
// Reads: Signature(exact, first_seen, last_seen), OF_PATTERN, Pattern(pattern_id, name), SAME_AS, HAS_SIGNATURE
// Writes: OF_PATTERN, Pattern(first_seen, last_seen, occurrence_count)
// Returns: exact, pattern_id, pattern_name
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})-[old:OF_PATTERN]->(gone:Pattern)-[:SAME_AS]->(:Pattern)
CALL (gone) {
  MATCH (gone)-[:SAME_AS*1..]->(p:Pattern) WHERE NOT EXISTS { (p)-[:SAME_AS]->(:Pattern) }
  RETURN p LIMIT 1
}
CREATE (s)-[o:OF_PATTERN]->(p)
SET o = properties(old)
DELETE old
REMOVE gone.first_seen, gone.last_seen, gone.occurrence_count
WITH p, collect(exact) AS exacts
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(member:Signature)
  RETURN min(member.first_seen) AS first_seen, max(member.last_seen) AS last_seen,
         sum(COUNT { (member)<-[:HAS_SIGNATURE]-() }) AS occurrences
}
SET p.first_seen = first_seen, p.last_seen = last_seen, p.occurrence_count = occurrences
WITH p, exacts
UNWIND exacts AS exact
RETURN exact, p.pattern_id AS pattern_id, p.name AS pattern_name
