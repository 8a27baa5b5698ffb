// Answers: store new crashes with links to their signature and environment, if any.
// Params: rows LIST<MAP>
// Reads: Signature(exact), Environment(environment_id)
// Writes: Crash(exact), HAS_SIGNATURE, OCCURRED_IN
// Returns: crashes, unlinked (number without their signature or environment, which no longer exist)
UNWIND $rows AS row
CREATE (c:Crash)
SET c = row.crash
WITH c, row
OPTIONAL MATCH (s:Signature {exact: row.exact})
OPTIONAL MATCH (e:Environment {environment_id: row.environment_id})
FOREACH (signature IN CASE WHEN s IS NULL THEN [] ELSE [s] END | CREATE (c)-[:HAS_SIGNATURE]->(signature) SET c.exact = signature.exact)
FOREACH (environment IN CASE WHEN e IS NULL THEN [] ELSE [e] END | CREATE (c)-[:OCCURRED_IN]->(environment))
RETURN count(c) AS crashes,
       count(CASE WHEN (s IS NULL AND row.exact IS NOT NULL) OR (e IS NULL AND row.environment_id IS NOT NULL) THEN 1 END) AS unlinked
