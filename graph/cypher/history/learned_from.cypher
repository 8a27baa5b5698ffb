// Answers: the crashes that taught these revisions.
// Params: ids LIST<STRING>
// Reads: Revision(revision_id), LEARNED_FROM, Crash
// Writes: nothing
// Returns: rows: one list of {id, item}
UNWIND $ids AS id
MATCH (:Revision {revision_id: id})-[:LEARNED_FROM]->(c:Crash)
WITH id, head(collect(c {.*, report: ''})) AS item
RETURN collect({id: id, item: item}) AS rows
