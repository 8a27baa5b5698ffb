// Answers: which verdicts relate a node of one side to a node of the other by `DISTINCT_FROM` (different) or `SAME_AS` (the same).
// Params: says STRING, signatures LIST<STRING>, patterns LIST<STRING>, other_signatures LIST<STRING>, other_patterns LIST<STRING>
// Reads: Signature(exact), Pattern(pattern_id), DISTINCT_FROM(verdict_id, by), SAME_AS(verdict_id, by), Verdict(verdict_id, ordinal)
// Writes: nothing
// Returns: verdict_id, by, the latest first
CALL () {
  UNWIND $signatures AS exact
  MATCH (:Signature {exact: exact})-[r:DISTINCT_FROM|SAME_AS]-(other)
  RETURN r, other
  UNION
  UNWIND $patterns AS id
  MATCH (:Pattern {pattern_id: id})-[r:DISTINCT_FROM|SAME_AS]-(other)
  RETURN r, other
}
WITH r, other
WHERE type(r) = $says AND (other.exact IN $other_signatures OR other.pattern_id IN $other_patterns)
WITH DISTINCT r.verdict_id AS verdict_id, r.by AS by
OPTIONAL MATCH (v:Verdict {verdict_id: verdict_id})
RETURN verdict_id, by ORDER BY coalesce(v.ordinal, 0) DESC
