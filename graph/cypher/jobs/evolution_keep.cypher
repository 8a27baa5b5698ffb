// Answers: note in which versions these patterns appeared, were last seen and came back; nothing of those that are gone.
// Params: rows LIST<MAP>
// Reads: Pattern(pattern_id)
// Writes: Pattern(introduced_in, last_seen_in, returned_in)
// Returns: written
UNWIND $rows AS row
MATCH (p:Pattern {pattern_id: row.id})
SET p.introduced_in = row.introduced_in, p.last_seen_in = row.last_seen_in, p.returned_in = row.returned_in
RETURN count(*) AS written
