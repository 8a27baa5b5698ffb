// Answers: the crashes of a site, in the order of their ids.
// Params: site STRING
// Reads: Crash(crash_id, site), OCCURRED_IN, Environment, AT_SITE, Site(name)
// Writes: nothing
// Returns: crash_id
CALL () {
  MATCH (c:Crash {site: $site}) RETURN c.crash_id AS crash_id
  UNION
  MATCH (:Site {name: $site})<-[:AT_SITE]-(:Environment)<-[:OCCURRED_IN]-(c:Crash) RETURN c.crash_id AS crash_id
}
RETURN crash_id ORDER BY crash_id
