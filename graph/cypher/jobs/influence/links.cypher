// Answers: causes and effects with the branching ratio. Refuted and denied causes, merged patterns and distinct pairs are left
//   out.
// Params: distinct MAP
// Reads: Pattern(pattern_id, status), CAUSES(branching_ratio, state), NOT_CAUSED_BY
// Writes: nothing
// Returns: causes LIST<STRING>, effects LIST<STRING>, weight LIST<FLOAT>
// Full scan: influence follows from all causes together
MATCH (cause:Pattern)-[r:CAUSES]->(effect:Pattern)
WHERE r.state <> 'refuted' AND r.branching_ratio > 0 AND cause <> effect
  AND coalesce(cause.status, 'open') <> 'merged' AND coalesce(effect.status, 'open') <> 'merged'
  AND NOT EXISTS { (effect)-[:NOT_CAUSED_BY]->(cause) }
  AND $distinct[cause.pattern_id + ' ' + effect.pattern_id] IS NULL
  AND $distinct[effect.pattern_id + ' ' + cause.pattern_id] IS NULL
RETURN collect(cause.pattern_id) AS causes, collect(effect.pattern_id) AS effects, collect(r.branching_ratio) AS weight
