// Answers: which patterns people called different, themselves or signatures of them.
// Params: none
// Reads: DISTINCT_FROM, Pattern(pattern_id), Signature, OF_PATTERN
// Writes: nothing
// Returns: pairs LIST<LIST<STRING>>, smaller id first
// Full scan: all such verdicts are wanted, and there are few.
MATCH (x)-[:DISTINCT_FROM]->(y)
WITH CASE WHEN x:Pattern THEN [x.pattern_id] ELSE [(x)-[:OF_PATTERN]->(p:Pattern) | p.pattern_id] END AS these,
     CASE WHEN y:Pattern THEN [y.pattern_id] ELSE [(y)-[:OF_PATTERN]->(p:Pattern) | p.pattern_id] END AS those
UNWIND these AS this
UNWIND those AS that
WITH this, that WHERE this <> that
RETURN collect(DISTINCT CASE WHEN this < that THEN [this, that] ELSE [that, this] END) AS pairs
