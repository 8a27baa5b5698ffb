// Answers: pairs of related patterns, each with its weight: the sum of the scores of its relationships, each times the weight
//   of its type. Refuted causes, merged patterns and distinct pairs are left out.
// Params: weights MAP, distinct MAP
// Reads: Pattern(pattern_id, status), CO_OCCURS_WITH(score), CAUSES(score, state), EVOLVES_FROM(score), SIMILAR_FIX(score),
//   RELATED_TO(score)
// Writes: nothing
// Returns: source LIST<STRING>, target LIST<STRING>, weight LIST<FLOAT>
// Full scan: families follow from all relationships together
MATCH (a:Pattern)-[r:CO_OCCURS_WITH|CAUSES|EVOLVES_FROM|SIMILAR_FIX|RELATED_TO]->(b:Pattern)
WHERE coalesce(a.status, 'open') <> 'merged' AND coalesce(b.status, 'open') <> 'merged' AND a <> b
  AND coalesce(r['state'], '') <> 'refuted' AND $weights[type(r)] > 0 AND r.score > 0
WITH CASE WHEN a.pattern_id < b.pattern_id THEN a ELSE b END AS first,
     CASE WHEN a.pattern_id < b.pattern_id THEN b ELSE a END AS second, sum($weights[type(r)] * r.score) AS weight
WHERE $distinct[first.pattern_id + ' ' + second.pattern_id] IS NULL
RETURN collect(first.pattern_id) AS source, collect(second.pattern_id) AS target, collect(weight) AS weight
