// Answers: the revisions of these patterns, latest first, behind a cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER
// Reads: Revision(pattern_id, version, revision_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (r:Revision {pattern_id: id})
  WHERE r.version <= $at AND NOT (r.version = $at AND r.revision_id <= $key)
  WITH r ORDER BY r.version DESC, r.revision_id LIMIT $limit
  RETURN collect({node: r {.*}}) AS items
}
RETURN collect({id: id, items: items}) AS rows
