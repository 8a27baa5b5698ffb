// Answers: update first and last seen of signatures, and the roll-ups of their patterns.
// Params: rows LIST<MAP>, severities LIST<STRING>
// Reads: Signature(exact, first_seen, last_seen), OF_PATTERN, Pattern(pattern_id, severity, severity_by), HAS_SIGNATURE
// Writes: Signature(first_seen, last_seen), Pattern(first_seen, last_seen, occurrence_count, severity)
// Returns: patterns
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})
SET s.first_seen = CASE WHEN s.first_seen <= row.first_seen THEN s.first_seen ELSE row.first_seen END,
    s.last_seen = CASE WHEN s.last_seen >= row.last_seen THEN s.last_seen ELSE row.last_seen END
WITH s, row
MATCH (s)-[:OF_PATTERN]->(p:Pattern)
WITH p, min(row.severity_rank) AS worst ORDER BY p.pattern_id
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(member:Signature)
  RETURN min(member.first_seen) AS first_seen, max(member.last_seen) AS last_seen,
         sum(COUNT { (member)<-[:HAS_SIGNATURE]-() }) AS occurrences
}
SET p.first_seen = first_seen, p.last_seen = last_seen, p.occurrence_count = occurrences,
    p.severity = CASE WHEN p.severity_by IS NULL AND worst < [i IN range(0, size($severities) - 1) WHERE $severities[i] = p.severity][0]
                 THEN $severities[worst] ELSE p.severity END
RETURN count(p) AS patterns
