// Answers: add the crashes of a batch to the numbers of crashes of their signatures per environment. Runs after
//   `ingest/lock_patterns`.
// Params: rows LIST<MAP>
// Reads: Signature(exact), Environment(environment_id), SEEN_IN(crashes)
// Writes: SEEN_IN(crashes)
// Returns: counts
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})
MATCH (e:Environment {environment_id: row.environment_id})
MERGE (s)-[r:SEEN_IN]->(e)
ON CREATE SET r.crashes = row.crashes
ON MATCH SET r.crashes = r.crashes + row.crashes
RETURN count(r) AS counts
