// Answers: note that crashes of old signatures have new ones since; only what was not noted before.
// Params: rows LIST<MAP>, at ZONED DATETIME
// Reads: Signature(exact)
// Writes: REPLACED_BY
// Returns: old, new (of those noted)
UNWIND $rows AS row
MATCH (a:Signature {exact: row.old})
MATCH (b:Signature {exact: row.new})
WITH a, b WHERE NOT EXISTS { (a)-[:REPLACED_BY]->(b) }
CREATE (a)-[:REPLACED_BY {at: $at}]->(b)
RETURN a.exact AS old, b.exact AS new
