// Answers: link each pair of sites once, regardless of direction; missing sites are created.
// Params: pairs LIST<LIST<STRING>>
// Reads: Site(name), LINKED_TO
// Writes: Site, LINKED_TO
// Returns: made (number of new links)
UNWIND $pairs AS pair
MERGE (a:Site {name: pair[0]})
MERGE (b:Site {name: pair[1]})
WITH a, b, COUNT { (a)-[:LINKED_TO]-(b) } AS present
MERGE (a)-[:LINKED_TO]-(b)
RETURN sum(CASE WHEN present = 0 THEN 1 ELSE 0 END) AS made
