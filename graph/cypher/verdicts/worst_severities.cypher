// Answers: the worst severity among the crashes of these patterns received since a time.
// Params: ids LIST<STRING>, since ZONED DATETIME
// Reads: Pattern(pattern_id), OF_PATTERN, Signature, HAS_SIGNATURE, Crash(received_at, severity)
// Writes: nothing
// Returns: pattern_id, rank (0 for critical to 3 for low)
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
WHERE c.received_at >= $since
RETURN p.pattern_id AS pattern_id,
       min(CASE c.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END) AS rank
