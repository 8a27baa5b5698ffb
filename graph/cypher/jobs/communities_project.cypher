// Answers: how many patterns hang together, after their network was put into the catalog of Graph Data Science under a name; the
//   same as in communities_ties, without direction.
// Params: graph_name STRING, weights MAP, apart MAP
// Reads: Pattern(pattern_id, status), CO_OCCURS_WITH(score), CAUSES(score, state), EVOLVES_FROM(score), SIMILAR_FIX(score),
//   RELATED_TO(score)
// Writes: nothing
// Returns: nodes, ties
// Full scan: families follow from all relationships together
MATCH (a:Pattern)-[r:CO_OCCURS_WITH|CAUSES|EVOLVES_FROM|SIMILAR_FIX|RELATED_TO]->(b:Pattern)
WHERE coalesce(a.status, 'open') <> 'merged' AND coalesce(b.status, 'open') <> 'merged' AND a <> b
  AND coalesce(r['state'], '') <> 'refuted' AND $weights[type(r)] > 0 AND r.score > 0
WITH CASE WHEN a.pattern_id < b.pattern_id THEN a ELSE b END AS first,
     CASE WHEN a.pattern_id < b.pattern_id THEN b ELSE a END AS second, sum($weights[type(r)] * r.score) AS weight
WHERE $apart[first.pattern_id + ' ' + second.pattern_id] IS NULL
WITH first, second, weight ORDER BY first.pattern_id, second.pattern_id
WITH gds.graph.project($graph_name, first, second, {relationshipProperties: {weight: weight}},
  {undirectedRelationshipTypes: ['*']}) AS projected
RETURN projected.nodeCount AS nodes, projected.relationshipCount AS ties
