// Answers: environments without a crash.
// Params: limit INTEGER
// Reads: Environment(environment_id), OCCURRED_IN
// Writes: nothing
// Returns: wrong (number), samples (some of their ids)
// Full scan: every environment is checked.
MATCH (e:Environment) WHERE NOT EXISTS { (e)<-[:OCCURRED_IN]-() }
RETURN count(e) AS wrong, collect(e.environment_id)[..$limit] AS samples
