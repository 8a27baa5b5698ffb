// Answers: nothing; families as the run found them.
// Params: rows LIST<MAP>, run_id STRING
// Reads: Community(community_id, founded_at)
// Writes: Community(community_id, name, method, size, cohesion, error_types, modules, founded_at, computed_at, run_id)
// Returns: written
UNWIND $rows AS row
MERGE (c:Community {community_id: row.community_id})
SET c += row, c.run_id = $run_id, c.computed_at = datetime(), c.founded_at = coalesce(c.founded_at, datetime())
RETURN count(*) AS written
