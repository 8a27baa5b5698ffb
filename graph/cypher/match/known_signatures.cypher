// Answers: which of these signatures are stored, and the pattern of each.
// Params: exacts LIST<STRING>, with_embedding BOOLEAN
// Reads: Signature(exact, structural, error_type, cause, frames, blamed, embedding), OF_PATTERN, Pattern(pattern_id, name)
// Writes: nothing
// Returns: exact, structural, error_type, cause, frames, blamed, embedding (null unless asked for), pattern_id, pattern_name
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})-[:OF_PATTERN]->(p:Pattern)
RETURN s.exact AS exact, s.structural AS structural, s.error_type AS error_type, s.cause AS cause,
       s.frames AS frames, s.blamed AS blamed,
       CASE WHEN $with_embedding THEN s.embedding END AS embedding, p.pattern_id AS pattern_id, p.name AS pattern_name
