// Answers: how many patterns have a part in causes, after their network was put into the catalog of Graph Data Science under a
//   name, as two types: TO_EFFECT, and TO_CAUSE with the branching ratio; the same links as in influence_links.
// Params: graph_name STRING, apart MAP
// Reads: Pattern(pattern_id, status), CAUSES(branching_ratio, state), NOT_CAUSED_BY
// Writes: nothing
// Returns: nodes, ties
// Full scan: influence follows from all causes together
MATCH (cause:Pattern)-[r:CAUSES]->(effect:Pattern)
WHERE r.state <> 'refuted' AND r.branching_ratio > 0 AND cause <> effect
  AND coalesce(cause.status, 'open') <> 'merged' AND coalesce(effect.status, 'open') <> 'merged'
  AND NOT EXISTS { (effect)-[:NOT_CAUSED_BY]->(cause) }
  AND $apart[cause.pattern_id + ' ' + effect.pattern_id] IS NULL
  AND $apart[effect.pattern_id + ' ' + cause.pattern_id] IS NULL
UNWIND [{from: cause, to: effect, type: 'TO_EFFECT'}, {from: effect, to: cause, type: 'TO_CAUSE'}] AS way
WITH gds.graph.project($graph_name, way.from, way.to,
  {relationshipType: way.type, relationshipProperties: {weight: r.branching_ratio}}) AS projected
RETURN projected.nodeCount AS nodes, projected.relationshipCount AS ties
