// Answers: summaries of patterns: state, times and counts, sites and versions (of at most `crashes` crashes), solutions and where
//   they are proven.
// Params: ids LIST<STRING>, crashes INTEGER, places INTEGER
// Reads: Pattern(pattern_id, first_seen, last_seen, occurrence_count), RESOLVES(worked, failed), Solution(solution_id),
//   PROVEN_IN(pattern_id), Environment(site, version, product), OF_PATTERN, Signature, HAS_SIGNATURE, Crash, OCCURRED_IN
// Writes: nothing
// Returns: pattern_id, pattern, sites, versions (lists of {name, crashes}, most first), solutions (list of maps)
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  MATCH (s:Solution)-[r:RESOLVES]->(p)
  WITH s, r ORDER BY coalesce(r.worked, 0) DESC, s.solution_id
  RETURN collect({solution: s {.*}, resolves: r {.*}, proven: COLLECT {
    MATCH (s)-[h:PROVEN_IN]->(e:Environment)
    WHERE h.pattern_id = p.pattern_id
    RETURN {held: h {.*}, site: e.site, product: e.product}
  }}) AS solutions
}
CALL (p) {
  MATCH (p)<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  WITH c LIMIT $crashes
  MATCH (c)-[:OCCURRED_IN]->(e:Environment)
  RETURN collect({site: e.site, version: e.version}) AS seen
}
RETURN p.pattern_id AS pattern_id, p {.*} AS pattern, solutions,
  COLLECT {
    UNWIND seen AS one
    WITH one.site AS name, count(*) AS crashes WHERE name IS NOT NULL
    RETURN {name: name, crashes: crashes} ORDER BY crashes DESC, name LIMIT $places
  } AS sites,
  COLLECT {
    UNWIND seen AS one
    WITH one.version AS name, count(*) AS crashes WHERE name IS NOT NULL
    RETURN {name: name, crashes: crashes} ORDER BY crashes DESC, name LIMIT $places
  } AS versions
