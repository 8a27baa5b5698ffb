// Answers: nothing; what the last run said of how much patterns weigh is taken back.
// Params: none
// Reads: Pattern(influence)
// Writes: Pattern(influence, brokerage)
// Returns: written
// Full scan: whichever the last run said it of, by an index
MATCH (p:Pattern)
WHERE p.influence IS NOT NULL
SET p.influence = null, p.brokerage = null
RETURN count(*) AS written
