// Answers: nothing; how much these patterns weigh among causes.
// Params: rows LIST<MAP>
// Reads: Pattern(pattern_id)
// Writes: Pattern(influence, brokerage)
// Returns: written
UNWIND $rows AS row
MATCH (p:Pattern {pattern_id: row.id})
SET p.influence = row.influence, p.brokerage = row.brokerage
RETURN count(*) AS written
