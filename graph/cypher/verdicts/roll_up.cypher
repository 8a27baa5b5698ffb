// Answers: recount patterns from their signatures: first and last seen, and the number of crashes.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), OF_PATTERN, Signature(first_seen, last_seen), HAS_SIGNATURE
// Writes: Pattern(first_seen, last_seen, occurrence_count)
// Returns: patterns
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(s:Signature)
  RETURN min(s.first_seen) AS first_seen, max(s.last_seen) AS last_seen,
         sum(COUNT { (s)<-[:HAS_SIGNATURE]-() }) AS occurrences
}
SET p.first_seen = first_seen, p.last_seen = last_seen, p.occurrence_count = occurrences
RETURN count(p) AS patterns
