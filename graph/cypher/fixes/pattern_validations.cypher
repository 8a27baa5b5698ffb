// Answers: the validations of crashes that were in these patterns at that time, latest first, behind a cursor.
// Params: ids LIST<STRING>, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Validation(pattern_id, validation_id, at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Validation {pattern_id: id})
  WHERE v.at <= $at AND NOT (v.at = $at AND v.validation_id <= $key)
  WITH v ORDER BY v.at DESC, v.validation_id LIMIT $limit
  RETURN collect({node: v {.*}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
