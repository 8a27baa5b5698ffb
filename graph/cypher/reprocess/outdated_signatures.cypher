// Answers: signatures of other normalisation versions, by age of their patterns.
// Params: version STRING
// Reads: Signature(exact, title, error_type, fingerprint_version), OF_PATTERN(strategy), Pattern(pattern_id, created_at), SAME_AS, HAS_SIGNATURE
// Writes: nothing
// Returns: exact, title, error_type, made_by (the version), pattern_id, created_at, by_person, crashes
CALL () {
  MATCH (s:Signature) WHERE s.fingerprint_version < $version
  RETURN s
  UNION
  MATCH (s:Signature) WHERE s.fingerprint_version > $version
  RETURN s
}
MATCH (s)-[o:OF_PATTERN]->(p:Pattern)
RETURN s.exact AS exact, s.title AS title, s.error_type AS error_type, s.fingerprint_version AS made_by, p.pattern_id AS pattern_id, p.created_at AS created_at,
       o.strategy = 'verdict' OR EXISTS { (s)-[:SAME_AS]-() } AS by_person, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes
ORDER BY created_at, pattern_id, exact
