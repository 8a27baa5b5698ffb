// Answers: the latest validations of crashes of these patterns.
// Params: ids LIST<STRING>, limit INTEGER
// Reads: Validation(pattern_id, at), VALIDATES, Crash(crash_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{validation, crash_id}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Validation {pattern_id: id})
  WITH v ORDER BY v.at DESC, v.validation_id LIMIT $limit
  RETURN collect({validation: v {.*}, crash_id: [(v)-[:VALIDATES]->(c:Crash) | c.crash_id][0]}) AS items
}
RETURN collect({id: id, items: items}) AS rows
