// Answers: take the write locks of these signatures and environments, so that no ingest adds a crash to them meanwhile.
// Params: exacts LIST<STRING>, environments LIST<STRING>
// Reads: Signature(exact), Environment(environment_id)
// Writes: Signature(title), Environment(title)
// Returns: signatures, environments
CALL () {
  UNWIND $exacts AS exact
  MATCH (s:Signature {exact: exact})
  SET s.title = s.title
  RETURN count(s) AS signatures
}
CALL () {
  UNWIND $environments AS id
  MATCH (e:Environment {environment_id: id})
  SET e.title = e.title
  RETURN count(e) AS environments
}
RETURN signatures, environments
