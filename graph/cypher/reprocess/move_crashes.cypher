// Answers: move crashes from outdated to new signatures: the given ids, or up to `limit` crashes without ids.
// Params: rows LIST<MAP>, limit INTEGER
// Reads: Signature(exact, first_seen, last_seen), HAS_SIGNATURE, Crash(crash_id, occurred_at, received_at)
// Writes: HAS_SIGNATURE, Signature(first_seen, last_seen)
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
WITH n, count(c) AS moved, min(coalesce(c.occurred_at, c.received_at)) AS first, max(coalesce(c.occurred_at, c.received_at)) AS last
SET n.first_seen = CASE WHEN n.first_seen <= first THEN n.first_seen ELSE first END,
    n.last_seen = CASE WHEN n.last_seen >= last THEN n.last_seen ELSE last END
RETURN sum(moved) AS crashes
