// Answers: take the write locks of these signatures and environments, so that no ingest adds a crash to them meanwhile.
// Params: exacts LIST<STRING>, environments LIST<STRING>
// Reads: Signature(exact), Environment(environment_id)
// Writes: Signature, Environment
// Returns: signatures, environments
CALL () {
  UNWIND $exacts AS exact
  MATCH (s:Signature {exact: exact})
  SET s:Signature
  RETURN count(s) AS signatures
}
CALL () {
  UNWIND $environments AS id
  MATCH (e:Environment {environment_id: id})
  SET e:Environment
  RETURN count(e) AS environments
}
RETURN signatures, environments
