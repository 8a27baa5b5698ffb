// Answers: signatures with wrong numbers of crashes per environment, or with crashes that do not have their hash.
// Params: limit INTEGER
// Reads: Signature(exact), HAS_SIGNATURE, Crash(exact), OCCURRED_IN, Environment, SEEN_IN(crashes)
// Writes: nothing
// Returns: wrong (number), samples (some of their hashes)
// Full scan: every signature is counted again.
MATCH (s:Signature)
CALL (s) {
  MATCH (s)<-[:HAS_SIGNATURE]-(c:Crash) WHERE coalesce(c.exact <> s.exact, true)
  RETURN count(c) AS astray
}
CALL (s) {
  MATCH (s)<-[:HAS_SIGNATURE]-(:Crash)-[:OCCURRED_IN]->(e:Environment)
  WITH s, e, count(*) AS crashes
  OPTIONAL MATCH (s)-[r:SEEN_IN]->(e)
  WITH e, crashes, coalesce(sum(r.crashes), 0) AS counted
  RETURN sum(CASE WHEN crashes <> counted THEN 1 ELSE 0 END) AS unequal, count(*) AS places
}
WITH s WHERE astray > 0 OR unequal > 0 OR COUNT { (s)-[:SEEN_IN]->() } <> places
RETURN count(s) AS wrong, collect(s.exact)[..$limit] AS samples
