// Answers: mark resolved patterns of these crashes as regressed, with a revision: if the crash is of the version that resolved the
//   pattern or a later one, or, without such a version, happened after the resolution.
// Params: rows LIST<MAP>
// Reads: Signature(exact), OF_PATTERN, Pattern(status, resolved_at, resolved_product, resolved_version, resolved_order),
//   Revision(pattern_id, version), Crash(crash_id)
// Writes: Pattern(status, regressed_at, regressed_version), Revision, REVISES, LEARNED_FROM
// Returns: pattern_id, crash_id, version
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})-[:OF_PATTERN]->(p:Pattern)
WHERE p.status = 'resolved'
  AND CASE WHEN p.resolved_order IS NULL THEN row.at > p.resolved_at
           ELSE row.product = p.resolved_product AND row.order >= p.resolved_order END
WITH p, row ORDER BY p.pattern_id, row.order, row.at
WITH p, collect(row)[0] AS row
CALL (p) {
  OPTIONAL MATCH (earlier:Revision {pattern_id: p.pattern_id})
  RETURN coalesce(max(earlier.version), 0) + 1 AS version
}
SET p.status = 'regressed', p.regressed_at = row.at, p.regressed_version = row.version
CREATE (r:Revision {
  revision_id: randomUUID(), pattern_id: p.pattern_id, version: version, change_type: 'status', at: datetime(), by: 'ingest',
  reason: 'seen in ' + coalesce(row.version, 'an unknown version') + ', resolved ' +
          coalesce('in ' + p.resolved_version, 'before'),
  before: '{"regressed_at": null, "regressed_version": null, "status": "resolved"}', after: row.after
})
CREATE (r)-[:REVISES]->(p)
WITH p, r, row
MATCH (c:Crash {crash_id: row.crash_id})
CREATE (r)-[:LEARNED_FROM]->(c)
RETURN p.pattern_id AS pattern_id, row.crash_id AS crash_id, row.version AS version
