// Answers: link each pair of sites once, whatever the direction; sites that are not known yet are made.
// Params: pairs LIST<LIST<STRING>>
// Reads: Site(name), LINKED_TO
// Writes: Site, LINKED_TO
// Returns: made (how many links were not there before)
UNWIND $pairs AS pair
MERGE (a:Site {name: pair[0]})
MERGE (b:Site {name: pair[1]})
WITH a, b, COUNT { (a)-[:LINKED_TO]-(b) } AS present
MERGE (a)-[:LINKED_TO]-(b)
RETURN sum(CASE WHEN present = 0 THEN 1 ELSE 0 END) AS made
