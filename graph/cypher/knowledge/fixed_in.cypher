// Answers: record the version that shipped a solution for a pattern; the version need not have crashes yet.
// Params: solution_id STRING, pattern_id STRING, version MAP, at ZONED DATETIME, by STRING, trust STRING
// Reads: Solution(solution_id), Pattern(pattern_id), Version(version_id)
// Writes: Version, FIXED_IN(pattern_id, at, by), RESOLVES(worked, failed, trust)
// Returns: version_id
MATCH (s:Solution {solution_id: $solution_id})
MATCH (p:Pattern {pattern_id: $pattern_id})
MERGE (v:Version {version_id: $version.version_id})
ON CREATE SET v += $version
MERGE (s)-[r:RESOLVES]->(p)
ON CREATE SET r.worked = 0, r.failed = 0, r.trust = $trust
MERGE (s)-[f:FIXED_IN {pattern_id: $pattern_id}]->(v)
SET f.at = $at, f.by = $by
RETURN v.version_id AS version_id
