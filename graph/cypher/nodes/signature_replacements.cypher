// Answers: the signature that reprocessing replaced each of these by in the end.
// Params: ids LIST<STRING>
// Reads: Signature(exact), REPLACED_BY
// Writes: nothing
// Returns: rows: one list of {id, item}
UNWIND $ids AS id
MATCH (a:Signature {exact: id})
CALL (a) {
  MATCH (a)-[:REPLACED_BY*1..]->(n:Signature) WHERE NOT EXISTS { (n)-[:REPLACED_BY]->(:Signature) }
  RETURN n LIMIT 1
}
RETURN collect({id: id, item: n {.*, embedding: null}}) AS rows
