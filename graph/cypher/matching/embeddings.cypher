// Answers: embeddings of signatures.
// Params: exacts LIST<STRING>
// Reads: Signature(exact, embedding)
// Writes: nothing
// Returns: exact, embedding
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact})
WHERE s.embedding IS NOT NULL
RETURN s.exact AS exact, s.embedding AS embedding
