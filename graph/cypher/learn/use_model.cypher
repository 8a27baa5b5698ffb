// Answers: whether there is such a version; it is in use from now on, or none is without a version.
// Params: version STRING
// Reads: MatchingModel(version, state)
// Writes: MatchingModel(state)
// Returns: found
OPTIONAL MATCH (chosen:MatchingModel {version: $version})
WITH chosen WHERE $version IS NULL OR chosen IS NOT NULL
CALL () {
  MATCH (m:MatchingModel {state: 'active'})
  SET m.state = 'replaced'
}
SET chosen.state = 'active'
RETURN count(*) > 0 AS found
