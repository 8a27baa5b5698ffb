// Answers: store a validation of a crash in place of the same actor's earlier ones, and the business impact of the crash.
// Params: crash_id STRING, validation MAP, replaced LIST<STRING>, impact MAP
// Reads: Crash(crash_id), Validation(validation_id)
// Writes: Validation(counts), VALIDATES, Crash
// Returns: validation
MATCH (c:Crash {crash_id: $crash_id})
SET c += $impact
CREATE (v:Validation {validation_id: $validation.validation_id})-[:VALIDATES]->(c)
SET v += $validation
WITH v
CALL () {
  MATCH (old:Validation) WHERE old.validation_id IN $replaced
  SET old.counts = 0
}
RETURN v {.*} AS validation
