// Answers: record which signatures replace outdated ones; recorded pairs are left out.
// Params: rows LIST<MAP>, at ZONED DATETIME
// Reads: Signature(exact)
// Writes: REPLACED_BY
// Returns: old, new (of the pairs recorded now)
UNWIND $rows AS row
MATCH (a:Signature {exact: row.old})
MATCH (b:Signature {exact: row.new})
WITH a, b WHERE NOT EXISTS { (a)-[:REPLACED_BY]->(b) }
CREATE (a)-[:REPLACED_BY {at: $at}]->(b)
RETURN a.exact AS old, b.exact AS new
