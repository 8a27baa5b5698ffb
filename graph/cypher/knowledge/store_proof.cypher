// Answers: store the proof of a solution against a pattern in an environment.
// Params: solution_id STRING, pattern_id STRING, environment_id STRING, proven MAP
// Reads: Solution(solution_id), Environment(environment_id)
// Writes: PROVEN_IN(pattern_id)
// Returns: proven
MATCH (s:Solution {solution_id: $solution_id})
MATCH (e:Environment {environment_id: $environment_id})
MERGE (s)-[h:PROVEN_IN {pattern_id: $pattern_id}]->(e)
SET h = $proven
RETURN h {.*} AS proven
