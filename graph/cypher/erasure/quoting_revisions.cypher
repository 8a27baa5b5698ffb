// Answers: revisions that hold one of these keys.
// Params: keys LIST<STRING>
// Reads: Revision(revision_id, before, after)
// Writes: nothing
// Returns: revision_id, before, after
// Full scan: a hash of a signature may be in the history of any pattern.
MATCH (r:Revision) WHERE any(key IN $keys WHERE r.before CONTAINS key OR r.after CONTAINS key)
RETURN r.revision_id AS revision_id, r.before AS before, r.after AS after
