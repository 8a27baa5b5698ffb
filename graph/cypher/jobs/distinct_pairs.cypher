// Answers: pairs of patterns that a verdict calls distinct, directly or through a signature of each.
// Params: none
// Reads: DISTINCT_FROM, Pattern(pattern_id), Signature, OF_PATTERN
// Writes: nothing
// Returns: pairs LIST<LIST<STRING>>, smaller id first
// Full scan: all such verdicts are wanted, and they are few
MATCH (x)-[:DISTINCT_FROM]->(y)
WITH CASE WHEN x:Pattern THEN [x.pattern_id] ELSE [(x)-[:OF_PATTERN]->(p:Pattern) | p.pattern_id] END AS left,
     CASE WHEN y:Pattern THEN [y.pattern_id] ELSE [(y)-[:OF_PATTERN]->(p:Pattern) | p.pattern_id] END AS right
UNWIND left AS a
UNWIND right AS b
WITH a, b WHERE a <> b
RETURN collect(DISTINCT CASE WHEN a < b THEN [a, b] ELSE [b, a] END) AS pairs
