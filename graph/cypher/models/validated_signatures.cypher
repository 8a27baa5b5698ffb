// Answers: Signatures placed by similarity with validated crashes, and the patterns they belong to, in order of time.
// Params: after ZONED DATETIME
// Reads: Validation(validation_id, at, counts, verdict, pattern_id, belongs_to, strategy), VALIDATES, Crash, HAS_SIGNATURE,
//   Signature(exact, structural, error_type, cause, frames, blamed, text, embedding)
// Writes: nothing
// Returns: at, validation_id, correct, pattern_id, belongs_to, signature (map)
MATCH (v:Validation) WHERE v.at > $after
MATCH (v)-[:VALIDATES]->(:Crash)-[:HAS_SIGNATURE]->(s:Signature)
WHERE v.counts = 1 AND v.strategy IN ['structural', 'semantic', 'fuzzy', 'new']
RETURN v.at AS at, v.validation_id AS validation_id, v.verdict = 'correct' AS correct, v.pattern_id AS pattern_id,
       v.belongs_to AS belongs_to,
       s {.exact, .structural, .error_type, .cause, .frames, .blamed, .text, .embedding} AS signature
ORDER BY at, validation_id
