// Answers: Pairs of sites that failures can pass between, each once.
// Params: none
// Reads: Site(name), LINKED_TO
// Writes: nothing
// Returns: first LIST<STRING>, second LIST<STRING>
// Full scan: all links are wanted, and there are few.
MATCH (a:Site)-[:LINKED_TO]->(b:Site)
RETURN collect(a.name) AS first, collect(b.name) AS second
