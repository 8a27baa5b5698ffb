// Answers: store what is left of revisions.
// Params: rows LIST<MAP>
// Reads: Revision(revision_id)
// Writes: Revision(before, after)
// Returns: revisions
UNWIND $rows AS row
MATCH (r:Revision {revision_id: row.revision_id})
SET r.before = row.before, r.after = row.after
RETURN count(r) AS revisions
