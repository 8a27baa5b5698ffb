// Answers: the environments of a product at a site, in any version; without a site only the environment itself. It is named by one
//   of its environments, or by the site and, where that has several, the product.
// Params: environment_id STRING, site STRING, product STRING, version STRING
// Reads: Environment(environment_id, site, product, version)
// Writes: nothing
// Returns: environment_id (the one that was named), product, site, version, ids
CALL () {
  MATCH (e:Environment {environment_id: $environment_id})
  RETURN e
  UNION
  MATCH (e:Environment {site: $site})
  WHERE ($product IS NULL OR e.product = $product) AND ($version IS NULL OR e.version = $version)
  RETURN e
}
WITH e ORDER BY e.environment_id LIMIT 1
CALL (e) {
  WITH e WHERE e.site IS NULL
  RETURN e AS same
  UNION
  MATCH (same:Environment {site: e.site})
  WHERE coalesce(same.product, '') = coalesce(e.product, '')
  RETURN same
}
RETURN e.environment_id AS environment_id, e.product AS product, e.site AS site, e.version AS version,
       collect(same.environment_id) AS ids
