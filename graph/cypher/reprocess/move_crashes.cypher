// Answers: move crashes from outdated to new signatures: the given ids, or up to `limit` crashes without ids.
// Params: rows LIST<MAP>, limit INTEGER
// Reads: Signature(exact, first_seen, last_seen), HAS_SIGNATURE, Crash(crash_id, occurred_at, received_at), OCCURRED_IN,
//   Environment, SEEN_IN(crashes)
// Writes: HAS_SIGNATURE, Crash(exact), SEEN_IN(crashes), Signature(first_seen, last_seen)
// Returns: crashes
UNWIND $rows AS row
MATCH (n:Signature {exact: row.new})
CALL (row) {
  WITH row WHERE row.ids IS NOT NULL
  UNWIND row.ids AS id
  MATCH (c:Crash {crash_id: id})-[h:HAS_SIGNATURE]->(:Signature {exact: row.old})
  RETURN c, h
  UNION
  WITH row WHERE row.ids IS NULL
  MATCH (:Signature {exact: row.old})<-[h:HAS_SIGNATURE]-(c:Crash)
  RETURN c, h LIMIT $limit
}
DELETE h
CREATE (c)-[:HAS_SIGNATURE]->(n)
SET c.exact = row.new
WITH n, row.old AS old, collect(c) AS moved, min(coalesce(c.occurred_at, c.received_at)) AS first,
     max(coalesce(c.occurred_at, c.received_at)) AS last
CALL (n, old, moved) {
  UNWIND moved AS c
  MATCH (c)-[:OCCURRED_IN]->(e:Environment)
  WITH n, old, e, count(*) AS crashes
  MERGE (n)-[now:SEEN_IN]->(e)
  ON CREATE SET now.crashes = crashes
  ON MATCH SET now.crashes = now.crashes + crashes
  WITH old, e, crashes
  MATCH (:Signature {exact: old})-[was:SEEN_IN]->(e)
  SET was.crashes = was.crashes - crashes
  WITH was WHERE was.crashes <= 0
  DELETE was
}
SET n.first_seen = CASE WHEN n.first_seen <= first THEN n.first_seen ELSE first END,
    n.last_seen = CASE WHEN n.last_seen >= last THEN n.last_seen ELSE last END
RETURN sum(size(moved)) AS crashes
