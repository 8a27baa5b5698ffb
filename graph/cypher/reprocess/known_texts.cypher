// Answers: embeddings of signatures, with their texts and models.
// Params: exacts LIST<STRING>
// Reads: Signature(exact, text, embedding, embedding_model)
// Writes: nothing
// Returns: exact, text, model, embedding
UNWIND $exacts AS exact
MATCH (s:Signature {exact: exact}) WHERE s.embedding IS NOT NULL
RETURN exact, s.text AS text, s.embedding_model AS model, s.embedding AS embedding
