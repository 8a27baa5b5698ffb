// Answers: the module or class of each of these frames.
// Params: ids LIST<STRING>
// Reads: Frame(key), IN_MODULE, Module
// Writes: nothing
// Returns: rows: one list of {id, item}
UNWIND $ids AS id
MATCH (a:Frame {key: id})
CALL (a) {
  MATCH (a)-[:IN_MODULE]->(n:Module)
  RETURN n LIMIT 1
}
RETURN collect({id: id, item: n {.*}}) AS rows
