// Answers: Which of these revisions exist.
// Params: ids LIST<STRING>
// Reads: Revision(revision_id)
// Writes: nothing
// Returns: ids LIST<STRING>
UNWIND $ids AS id
MATCH (r:Revision {revision_id: id})
RETURN collect(r.revision_id) AS ids
