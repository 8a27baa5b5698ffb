// Answers: the network of related patterns, projected into the graph catalog of Graph Data Science under a name, undirected;
//   the same pairs and weights as in jobs/communities/ties.
// Params: graph_name STRING, weights MAP, distinct MAP
// Reads: Pattern(pattern_id, status), CO_OCCURS_WITH(score), CAUSES(score, state), EVOLVES_FROM(score), SIMILAR_FIX(score),
//   RELATED_TO(score)
// Writes: nothing
// Returns: projected MAP with graphName, nodeCount and relationshipCount
// Full scan: families follow from all relationships together
MATCH (a:Pattern)-[r:CO_OCCURS_WITH|CAUSES|EVOLVES_FROM|SIMILAR_FIX|RELATED_TO]->(b:Pattern)
WHERE coalesce(a.status, 'open') <> 'merged' AND coalesce(b.status, 'open') <> 'merged' AND a <> b
  AND coalesce(r['state'], '') <> 'refuted' AND $weights[type(r)] > 0 AND r.score > 0
WITH CASE WHEN a.pattern_id < b.pattern_id THEN a ELSE b END AS first,
     CASE WHEN a.pattern_id < b.pattern_id THEN b ELSE a END AS second, sum($weights[type(r)] * r.score) AS weight
WHERE $distinct[first.pattern_id + ' ' + second.pattern_id] IS NULL
WITH first, second, weight ORDER BY first.pattern_id, second.pattern_id
RETURN gds.graph.project($graph_name, first, second, {relationshipProperties: {weight: weight}},
  {undirectedRelationshipTypes: ['*']}) AS projected
