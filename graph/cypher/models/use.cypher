// Answers: puts a version into use and replaces the active one; without a version, the shipped model is in use. Changes
//   nothing when there is no such version.
// Params: kind STRING, version STRING
// Reads: ModelVersion(kind, version, state)
// Writes: ModelVersion(state)
// Returns: found
OPTIONAL MATCH (chosen:ModelVersion {kind: $kind, version: $version})
WITH chosen WHERE $version IS NULL OR chosen IS NOT NULL
CALL () {
  MATCH (m:ModelVersion {kind: $kind, state: 'active'})
  SET m.state = 'replaced'
}
SET chosen.state = 'active'
RETURN count(*) > 0 AS found
