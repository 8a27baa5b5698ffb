// Answers: store environments with their site, version and attributes.
// Params: rows LIST<MAP>
// Reads: Environment(environment_id), Site(name), Version(version_id), Attribute(key)
// Writes: Environment, Site, Version, Attribute, AT_SITE, RUNS_VERSION, HAS_ATTRIBUTE
// Returns: environments
UNWIND $rows AS row
MERGE (e:Environment {environment_id: row.environment.environment_id})
ON CREATE SET e += row.environment
FOREACH (name IN row.site |
  MERGE (site:Site {name: name})
  MERGE (e)-[:AT_SITE]->(site)
)
FOREACH (version IN row.version |
  MERGE (v:Version {version_id: version.version_id})
  ON CREATE SET v += version
  MERGE (e)-[:RUNS_VERSION]->(v)
)
FOREACH (fact IN row.attributes |
  MERGE (a:Attribute {key: fact.key})
  ON CREATE SET a += fact
  MERGE (e)-[:HAS_ATTRIBUTE]->(a)
)
RETURN count(e) AS environments
