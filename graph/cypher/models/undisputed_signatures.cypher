// Answers: Signatures placed last by similarity or as new patterns, without those that people decided on.
// Params: said LIST<STRING>, limit INTEGER
// Reads: OF_PATTERN(strategy, placed_at), Signature(exact, structural, error_type, cause, frames, blamed, text, embedding)
// Writes: nothing
// Full scan: of placements; once a night
// Returns: signature (map)
MATCH (s:Signature)-[placed:OF_PATTERN]->()
WHERE placed.strategy IN ['structural', 'semantic', 'fuzzy', 'new'] AND NOT s.exact IN $said AND s.embedding IS NOT NULL
WITH s ORDER BY placed.placed_at DESC, s.exact LIMIT $limit
RETURN s {.exact, .structural, .error_type, .cause, .frames, .blamed, .text, .embedding} AS signature
