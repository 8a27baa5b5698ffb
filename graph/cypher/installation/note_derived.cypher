// Answers: note that all of the graph has this version of what ingest derives.
// Params: version INTEGER
// Reads: Installation(name)
// Writes: Installation(derived)
// Returns: noted
MATCH (i:Installation {name: 'home'})
SET i.derived = $version
RETURN count(i) AS noted
