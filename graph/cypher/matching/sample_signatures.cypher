// Answers: what some signatures are made of, as many as asked, to learn how rare words and frames are.
// Params: limit INTEGER
// Reads: Signature(error_type, cause, frames, blamed), OF_PATTERN
// Writes: nothing
// Returns: known (number of all), error_types, causes, frames (parallel lists)
// Full scan: it takes the first ones of the label and stops; nothing is searched.
CALL () {
  MATCH (s:Signature) RETURN count(s) AS known
}
CALL () {
  MATCH (s:Signature) WHERE EXISTS { (s)-[:OF_PATTERN]->() } WITH s LIMIT $limit
  RETURN collect(s.error_type) AS error_types, collect(s.cause) AS causes, collect(s.frames[s.blamed .. s.blamed + 32]) AS frames
}
RETURN known, error_types, causes, frames
