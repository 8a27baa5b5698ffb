// Answers: add the crashes of a batch to the roll-ups of their signatures and patterns. Runs after `ingest/lock_patterns`, so that
//   what it reads is what the last writer left.
// Params: rows LIST<MAP>, severities LIST<STRING>
// Reads: Signature(exact, first_seen, last_seen), OF_PATTERN,
//   Pattern(pattern_id, first_seen, last_seen, occurrence_count, severity, severity_by)
// Writes: Signature(first_seen, last_seen), Pattern(first_seen, last_seen, occurrence_count, severity)
// Returns: patterns
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})
SET s.first_seen = CASE WHEN s.first_seen <= row.first_seen THEN s.first_seen ELSE row.first_seen END,
    s.last_seen = CASE WHEN s.last_seen >= row.last_seen THEN s.last_seen ELSE row.last_seen END
WITH s, row
MATCH (s)-[:OF_PATTERN]->(p:Pattern)
WITH p, sum(row.crashes) AS crashes, min(row.first_seen) AS first, max(row.last_seen) AS last, min(row.severity_rank) AS worst
ORDER BY p.pattern_id
SET p.first_seen = CASE WHEN p.first_seen <= first THEN p.first_seen ELSE first END,
    p.last_seen = CASE WHEN p.last_seen >= last THEN p.last_seen ELSE last END,
    p.occurrence_count = coalesce(p.occurrence_count, 0) + crashes,
    p.severity = CASE WHEN p.severity_by IS NULL AND worst < [i IN range(0, size($severities) - 1) WHERE $severities[i] = p.severity][0]
                 THEN $severities[worst] ELSE p.severity END
RETURN count(p) AS patterns
