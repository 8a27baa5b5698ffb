// Answers: delete those of these environments that have no crashes.
// Params: ids LIST<STRING>
// Reads: Environment(environment_id), OCCURRED_IN, AT_SITE, Site(name), RUNS_VERSION, Version(version_id), HAS_ATTRIBUTE, Attribute(key)
// Writes: Environment
// Returns: environment_id, sites, versions, attributes (keys)
UNWIND $ids AS id
MATCH (e:Environment {environment_id: id}) WHERE NOT EXISTS { (e)<-[:OCCURRED_IN]-() }
WITH e, id, COLLECT { MATCH (e)-[:AT_SITE]->(s:Site) RETURN s.name } AS sites,
     COLLECT { MATCH (e)-[:RUNS_VERSION]->(v:Version) RETURN v.version_id } AS versions,
     COLLECT { MATCH (e)-[:HAS_ATTRIBUTE]->(a:Attribute) RETURN a.key } AS attributes
DETACH DELETE e
RETURN id AS environment_id, sites, versions, attributes
