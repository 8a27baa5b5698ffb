// Answers: the version before each of these, of the same product.
// Params: ids LIST<STRING>
// Reads: Version(version_id), NEXT
// Writes: nothing
// Returns: rows: one list of {id, item}
UNWIND $ids AS id
MATCH (a:Version {version_id: id})
CALL (a) {
  MATCH (a)<-[:NEXT]-(n:Version)
  RETURN n LIMIT 1
}
RETURN collect({id: id, item: n {.*}}) AS rows
