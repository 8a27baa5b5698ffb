// Answers: the site of each of these environments.
// Params: ids LIST<STRING>
// Reads: Environment(environment_id), AT_SITE, Site
// Writes: nothing
// Returns: rows: one list of {ids, item}
MATCH (e:Environment)-[:AT_SITE]->(s:Site) WHERE e.environment_id IN $ids
WITH s, collect(e.environment_id) AS ids
RETURN collect({ids: ids, item: s {.*}}) AS rows
