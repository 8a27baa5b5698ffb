// Answers: a pattern with its signatures, and all its revisions from the first one after a time on.
// Params: pattern_id STRING, at ZONED DATETIME
// Reads: Pattern(pattern_id), OF_PATTERN(placed_at), Signature(exact), Revision(pattern_id, version, at)
// Writes: nothing
// Returns: pattern (null when it is gone), placed (list of {exact, placed_at}), steps (the last first), version (at that time)
OPTIONAL MATCH (p:Pattern {pattern_id: $pattern_id})
CALL (p) {
  OPTIONAL MATCH (p)<-[o:OF_PATTERN]-(s:Signature)
  WITH o, s WHERE s IS NOT NULL
  RETURN collect({exact: s.exact, placed_at: o.placed_at}) AS placed
}
CALL () {
  OPTIONAL MATCH (r:Revision {pattern_id: $pattern_id}) WHERE r.at > $at
  RETURN min(r.version) AS first
}
CALL (first) {
  OPTIONAL MATCH (r:Revision {pattern_id: $pattern_id}) WHERE r.version >= first
  WITH r ORDER BY r.version DESC
  RETURN collect(r {.*}) AS steps
}
CALL (first) {
  OPTIONAL MATCH (r:Revision {pattern_id: $pattern_id}) WHERE first IS NULL OR r.version < first
  RETURN coalesce(max(r.version), 0) AS version
}
RETURN p {.*} AS pattern, placed, steps, version
