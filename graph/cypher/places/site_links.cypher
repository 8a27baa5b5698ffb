// Answers: sites that failures of these sites can reach, or that can reach them, by their keys, behind a cursor.
// Params: ids LIST<STRING>, key STRING, limit INTEGER
// Reads: Site(name), LINKED_TO
// Writes: nothing
// Returns: rows: one list of {id, item}, in order
UNWIND $ids AS id
MATCH (a:Site {name: id})
CALL (a) {
  MATCH (a)-[:LINKED_TO]-(n:Site)
  WHERE n.name > $key
  RETURN DISTINCT n ORDER BY n.name LIMIT $limit
}
WITH id, n ORDER BY n.name
RETURN collect({id: id, item: n {.*}}) AS rows
