// Answers: replaced signatures that only these signatures replace.
// Params: exacts LIST<STRING>
// Reads: Signature(exact), REPLACED_BY, OF_PATTERN, HAS_SIGNATURE
// Writes: nothing
// Returns: exact
UNWIND $exacts AS exact
MATCH (:Signature {exact: exact})<-[:REPLACED_BY*1..]-(old:Signature)
WHERE NOT EXISTS { (old)-[:OF_PATTERN]->() }
  AND NOT EXISTS { (old)-[:REPLACED_BY*1..]->(:Signature)<-[:HAS_SIGNATURE]-() }
RETURN DISTINCT old.exact AS exact
