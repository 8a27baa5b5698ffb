// Answers: the site of each of these environments.
// Params: ids LIST<STRING>
// Reads: Environment(environment_id), AT_SITE, Site
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (e:Environment)-[:AT_SITE]->(s:Site) WHERE e.environment_id IN $ids
RETURN collect({id: e.environment_id, item: s {.*}}) AS rows
