// Answers: count the crashes of these signatures per environment again.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), HAS_SIGNATURE, Crash, OCCURRED_IN, Environment
// Writes: SEEN_IN(crashes)
// Returns: signatures
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})
CALL (s) {
  MATCH (s)-[old:SEEN_IN]->()
  DELETE old
}
CALL (s) {
  MATCH (s)<-[:HAS_SIGNATURE]-(:Crash)-[:OCCURRED_IN]->(e:Environment)
  WITH s, e, count(*) AS crashes
  CREATE (s)-[:SEEN_IN {crashes: crashes}]->(e)
}
RETURN count(s) AS signatures
