// Answers: the crash of each of these validations, without its report.
// Params: ids LIST<STRING>
// Reads: Validation(validation_id), VALIDATES, Crash
// Writes: nothing
// Returns: rows: one list of {id, item}
UNWIND $ids AS id
MATCH (a:Validation {validation_id: id})
CALL (a) {
  MATCH (a)-[:VALIDATES]->(n:Crash)
  RETURN n LIMIT 1
}
RETURN collect({id: id, item: n {.*, report: ''}}) AS rows
