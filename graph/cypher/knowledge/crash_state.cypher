// Answers: a crash with its placement, and an actor's earlier validations of it that still count.
// Params: crash_id STRING, by STRING, on_behalf_of STRING
// Reads: Crash(crash_id, received_at, severity), HAS_SIGNATURE, Signature(exact), OF_PATTERN(strategy, confidence, placed_at), Pattern(pattern_id),
//   VALIDATES, Validation(validation_id, by, on_behalf_of, pattern_id, counts, verdict, resolution_minutes)
// Writes: nothing
// Returns: crash_id, exact, pattern_id, strategy, confidence, first (whether it brought its signature), earlier
MATCH (c:Crash {crash_id: $crash_id})
OPTIONAL MATCH (c)-[:HAS_SIGNATURE]->(s:Signature)-[o:OF_PATTERN]->(p:Pattern)
RETURN c.crash_id AS crash_id, s.exact AS exact, p.pattern_id AS pattern_id, o.strategy AS strategy, o.confidence AS confidence,
       coalesce(o.placed_at = c.received_at, false) AS first,
       COLLECT {
         MATCH (v:Validation)-[:VALIDATES]->(c)
         WHERE v.by = $by AND coalesce(v.on_behalf_of, '') = $on_behalf_of AND v.pattern_id = p.pattern_id AND v.counts = 1
         RETURN {validation_id: v.validation_id, verdict: v.verdict, minutes: v.resolution_minutes}
       } AS earlier
