// Answers: stored crashes by id, with their patterns.
// Params: ids LIST<STRING>
// Reads: Crash(crash_id, status, reason), HAS_SIGNATURE, Signature, OF_PATTERN(strategy, confidence), Pattern(pattern_id, name)
// Writes: nothing
// Returns: crash_id, status, reason, pattern_id, pattern_name
UNWIND $ids AS id
MATCH (c:Crash {crash_id: id})
OPTIONAL MATCH (c)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern)
RETURN c.crash_id AS crash_id, c.status AS status, c.reason AS reason, p.pattern_id AS pattern_id, p.name AS pattern_name
