// Answers: error types, causes and frames of a sample of signatures, to estimate how rare words and frames are.
// Params: limit INTEGER
// Reads: Signature(error_type, cause, frames, blamed), OF_PATTERN, Pattern
// Writes: nothing
// Returns: known (number of all signatures), patterns (number of all patterns), error_types, causes, frames (parallel lists)
// Full scan: takes the first nodes of the label and stops.
CALL () {
  MATCH (s:Signature) RETURN count(s) AS known
}
CALL () {
  MATCH (p:Pattern) RETURN count(p) AS patterns
}
CALL () {
  MATCH (s:Signature) WHERE EXISTS { (s)-[:OF_PATTERN]->() } WITH s LIMIT $limit
  RETURN collect(s.error_type) AS error_types, collect(s.cause) AS causes, collect(s.frames[s.blamed .. s.blamed + 32]) AS frames
}
RETURN known, patterns, error_types, causes, frames
