// Answers: the crashes of these signatures received by a time; crashes of a replaced signature count for its successors.
// Params: exacts LIST<STRING>, at ZONED DATETIME
// Reads: Signature(exact, title), REPLACED_BY, HAS_SIGNATURE, Crash(crash_id, received_at, occurred_at, severity)
// Writes: nothing
// Returns: titles (list of {exact, title}), crashes, first_seen, last_seen, rank (of the worst severity, 0 for critical)
CALL () {
  UNWIND $exacts AS exact
  MATCH (s:Signature {exact: exact})
  RETURN collect({exact: exact, title: s.title}) AS titles
}
CALL () {
  UNWIND $exacts AS exact
  MATCH (:Signature {exact: exact})-[:REPLACED_BY*0..]->(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  WHERE c.received_at <= $at
  WITH DISTINCT c, coalesce(c.occurred_at, c.received_at) AS seen
  RETURN count(c) AS crashes, min(seen) AS first_seen, max(seen) AS last_seen,
         min(CASE c.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END) AS rank
}
RETURN titles, crashes, first_seen, last_seen, rank
