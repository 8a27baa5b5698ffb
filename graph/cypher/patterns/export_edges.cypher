// Answers: every relationship between two patterns, with its evidence.
// Params: none
// Reads: Pattern(pattern_id), CO_OCCURS_WITH
// Writes: nothing
// Returns: source, target, type, properties
// Full scan: an export contains everything
MATCH (source:Pattern)-[related]->(target:Pattern)
RETURN source.pattern_id AS source, target.pattern_id AS target, type(related) AS type, properties(related) AS properties
ORDER BY source, target, type
