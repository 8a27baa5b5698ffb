// Answers: the mark of the redaction key that the graph was written with.
// Params: none
// Reads: Installation(name, key_mark)
// Writes: nothing
// Returns: key_mark
MATCH (i:Installation {name: 'home'})
RETURN i.key_mark AS key_mark
