// Answers: the version of what ingest derives for faster reads that all of the graph has.
// Params: none
// Reads: Installation(name, derived)
// Writes: nothing
// Returns: derived
OPTIONAL MATCH (i:Installation {name: 'home'})
RETURN i.derived AS derived
