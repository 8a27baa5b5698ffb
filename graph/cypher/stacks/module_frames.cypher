// Answers: frames of these modules, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Module(key), IN_MODULE, Frame(key)
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Module {key: id})
CALL (a) {
  MATCH (a)<-[:IN_MODULE]-(n:Frame)
  WHERE n.key > $key
  RETURN DISTINCT n ORDER BY n.key LIMIT $limit
}
WITH id, n ORDER BY n.key
RETURN collect({id: id, item: n {.*}}) AS rows
