// Answers: the revisions that these verdicts made, and those that undid them, latest first, behind a cursor.
// Params: ids LIST<STRING>, at ZONED DATETIME, key STRING, limit INTEGER
// Reads: Revision(verdict_id, revision_id, at)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (r:Revision {verdict_id: id})
  WHERE r.at <= $at AND NOT (r.at = $at AND r.revision_id <= $key)
  WITH r ORDER BY r.at DESC, r.revision_id LIMIT $limit
  RETURN collect({node: r {.*}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
