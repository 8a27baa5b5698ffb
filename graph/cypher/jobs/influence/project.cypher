// Answers: the network of causes, projected into the graph catalog of Graph Data Science under a name with two relationship
//   types: TO_EFFECT, and TO_CAUSE; both have the branching ratio as weight. The same pairs as in jobs/influence/links.
// Params: graph_name STRING, distinct MAP
// Reads: Pattern(pattern_id, status), CAUSES(branching_ratio, state), NOT_CAUSED_BY
// Writes: nothing
// Returns: projected MAP with graphName, nodeCount and relationshipCount
// Full scan: influence follows from all causes together
MATCH (cause:Pattern)-[r:CAUSES]->(effect:Pattern)
WHERE r.state <> 'refuted' AND r.branching_ratio > 0 AND cause <> effect
  AND coalesce(cause.status, 'open') <> 'merged' AND coalesce(effect.status, 'open') <> 'merged'
  AND NOT EXISTS { (effect)-[:NOT_CAUSED_BY]->(cause) }
  AND $distinct[cause.pattern_id + ' ' + effect.pattern_id] IS NULL
  AND $distinct[effect.pattern_id + ' ' + cause.pattern_id] IS NULL
UNWIND [{from: cause, to: effect, type: 'TO_EFFECT'}, {from: effect, to: cause, type: 'TO_CAUSE'}] AS way
RETURN gds.graph.project($graph_name, way.from, way.to,
  {relationshipType: way.type, relationshipProperties: {weight: r.branching_ratio}}) AS projected
