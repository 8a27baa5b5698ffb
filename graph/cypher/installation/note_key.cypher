// Answers: the mark of the redaction key that the graph was written with first; notes this one if there is none.
// Params: mark STRING
// Reads: Installation(name, key_mark)
// Writes: Installation(name, key_mark)
// Returns: key_mark
MERGE (i:Installation {name: 'home'}) ON CREATE SET i.key_mark = $mark
RETURN i.key_mark AS key_mark
