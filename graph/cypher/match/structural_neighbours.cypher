// Answers: which signatures have these structural hashes, latest first, at most a few each.
// Params: structurals LIST<STRING>, limit INTEGER
// Reads: Signature(exact, structural, error_type, cause, frames, blamed, embedding, last_seen), OF_PATTERN,
//   Pattern(pattern_id, name)
// Writes: nothing
// Returns: structural, neighbours (list of maps)
UNWIND $structurals AS structural
CALL (structural) {
  MATCH (s:Signature {structural: structural})-[:OF_PATTERN]->(p:Pattern)
  WITH s, p ORDER BY s.last_seen DESC, s.exact LIMIT $limit
  RETURN collect({
    exact: s.exact, structural: s.structural, error_type: s.error_type, cause: s.cause, frames: s.frames, blamed: s.blamed,
    embedding: s.embedding, pattern_id: p.pattern_id, pattern_name: p.name
  }) AS neighbours
}
RETURN structural, neighbours
