// Answers: delete crashes with their validations.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id), VALIDATES, Validation(validation_id, pattern_id)
// Writes: Crash, Validation
// Returns: crash_id, validations (list of {validation_id, pattern_id})
UNWIND $ids AS id
MATCH (c:Crash {crash_id: id})
CALL (c) {
  MATCH (v:Validation)-[:VALIDATES]->(c)
  WITH v, {validation_id: v.validation_id, pattern_id: v.pattern_id} AS validation
  DETACH DELETE v
  RETURN collect(validation) AS validations
}
DETACH DELETE c
RETURN id AS crash_id, validations
