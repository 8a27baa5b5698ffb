// Answers: remove the reasons of verdicts, wherever they are repeated. Signatures are those that the verdicts moved.
// Params: ids LIST<STRING>, exacts LIST<STRING>
// Reads: Verdict(verdict_id), Revision(verdict_id), SAME_AS(verdict_id), DISTINCT_FROM(verdict_id), NOT_CAUSED_BY(verdict_id),
//   Signature(exact), OF_PATTERN(verdict_id)
// Writes: Verdict(reason), Revision(reason), SAME_AS(reason), DISTINCT_FROM(reason), NOT_CAUSED_BY(reason), OF_PATTERN(reason)
// Returns: verdicts
CALL () {
  UNWIND $ids AS id
  MATCH (r:Revision {verdict_id: id})
  REMOVE r.reason
}
CALL () {
  UNWIND $ids AS id
  MATCH ()-[r:SAME_AS {verdict_id: id}]->()
  SET r.reason = ''
}
CALL () {
  UNWIND $ids AS id
  MATCH ()-[r:DISTINCT_FROM {verdict_id: id}]->()
  SET r.reason = ''
}
CALL () {
  UNWIND $ids AS id
  MATCH ()-[r:NOT_CAUSED_BY {verdict_id: id}]->()
  SET r.reason = ''
}
CALL () {
  UNWIND $exacts AS exact
  MATCH (:Signature {exact: exact})-[r:OF_PATTERN]->() WHERE r.verdict_id IN $ids
  REMOVE r.reason
}
UNWIND $ids AS id
MATCH (v:Verdict {verdict_id: id})
SET v.reason = ''
RETURN count(v) AS verdicts
