// Answers: merge a pattern without signatures into another: the node stays as a redirect and is not listed.
// Params: gone STRING, into STRING, edge MAP
// Reads: Pattern(pattern_id)
// Writes: SAME_AS, Pattern(status, first_seen, last_seen, occurrence_count)
// Returns: gone
MATCH (gone:Pattern {pattern_id: $gone})
MATCH (into:Pattern {pattern_id: $into})
CREATE (gone)-[r:SAME_AS]->(into)
SET r = $edge, gone.status = 'merged'
REMOVE gone.first_seen, gone.last_seen, gone.occurrence_count
RETURN gone.pattern_id AS gone
