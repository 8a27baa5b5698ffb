// Answers: the validations of these crashes, latest first, behind a cursor.
// Params: ids LIST<STRING>, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Crash(crash_id), VALIDATES, Validation(validation_id, at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Crash {crash_id: id})<-[:VALIDATES]-(v:Validation)
  WHERE v.at <= $at AND NOT (v.at = $at AND v.validation_id <= $key)
  WITH v ORDER BY v.at DESC, v.validation_id LIMIT $limit
  RETURN collect({node: v {.*}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
