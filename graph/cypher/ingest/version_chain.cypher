// Answers: replace the chain of a product's versions by this order, oldest first.
// Params: product STRING, ids LIST<STRING>
// Reads: Version(product, version_id), NEXT
// Writes: NEXT
// Returns: links
MATCH (v:Version {product: $product})
WITH collect(v) AS versions
CALL (versions) {
  UNWIND versions AS v
  MATCH (v)-[stale:NEXT]->(w:Version)
  WHERE NOT any(i IN range(0, size($ids) - 2) WHERE $ids[i] = v.version_id AND $ids[i + 1] = w.version_id)
  DELETE stale
}
UNWIND range(0, size($ids) - 2) AS i
MATCH (a:Version {version_id: $ids[i]})
MATCH (b:Version {version_id: $ids[i + 1]})
MERGE (a)-[:NEXT]->(b)
RETURN count(*) AS links
