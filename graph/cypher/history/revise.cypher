// Answers: record a revision of a pattern with the next version number; nothing for an unknown pattern.
// Params: pattern_id STRING, revision MAP, crash_id STRING
// Reads: Pattern(pattern_id), Revision(pattern_id, version), Crash(crash_id)
// Writes: Revision, REVISES, LEARNED_FROM, Pattern
// Returns: revision_id, version
MATCH (p:Pattern {pattern_id: $pattern_id})
SET p:Pattern // takes the lock of the pattern, so that concurrent revisions get different numbers
WITH p
CALL (p) {
  OPTIONAL MATCH (earlier:Revision {pattern_id: p.pattern_id})
  RETURN coalesce(max(earlier.version), 0) + 1 AS version
}
CREATE (r:Revision)
SET r = $revision, r.pattern_id = p.pattern_id, r.version = version
CREATE (r)-[:REVISES]->(p)
WITH r
OPTIONAL MATCH (c:Crash {crash_id: $crash_id})
FOREACH (crash IN CASE WHEN c IS NULL THEN [] ELSE [c] END | CREATE (r)-[:LEARNED_FROM]->(crash))
RETURN r.revision_id AS revision_id, r.version AS version
