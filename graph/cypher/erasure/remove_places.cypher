// Answers: delete those of these sites, versions and attributes that no environment has; sites and versions that people linked
//   stay, except the sites to forget.
// Params: sites LIST<STRING>, forget LIST<STRING>, versions LIST<STRING>, attributes LIST<STRING>
// Reads: Site(name), AT_SITE, LINKED_TO, Version(version_id, product), RUNS_VERSION, FIXED_IN, Attribute(key), HAS_ATTRIBUTE
// Writes: Site, Version, Attribute
// Returns: sites, attributes (numbers), products (of the versions removed, one per version)
CALL () {
  UNWIND $sites AS name
  MATCH (s:Site {name: name})
  WHERE NOT EXISTS { (s)<-[:AT_SITE]-() } AND (name IN $forget OR NOT EXISTS { (s)-[:LINKED_TO]-() })
  DETACH DELETE s
  RETURN count(*) AS sites
}
CALL () {
  UNWIND $versions AS id
  MATCH (v:Version {version_id: id})
  WHERE NOT EXISTS { (v)<-[:RUNS_VERSION]-() } AND NOT EXISTS { (v)<-[:FIXED_IN]-() }
  WITH v, v.product AS product
  DETACH DELETE v
  RETURN collect(product) AS products
}
CALL () {
  UNWIND $attributes AS key
  MATCH (a:Attribute {key: key}) WHERE NOT EXISTS { (a)<-[:HAS_ATTRIBUTE]-() }
  DETACH DELETE a
  RETURN count(*) AS attributes
}
RETURN sites, products, attributes
