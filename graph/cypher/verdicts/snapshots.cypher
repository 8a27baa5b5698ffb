// Answers: these patterns with their signatures, most crashes first, and the placement of each.
// Params: ids LIST<STRING>
// Reads: Pattern(pattern_id), OF_PATTERN, Signature(exact, structural, title, error_type, cause, frames, blamed), HAS_SIGNATURE
// Writes: nothing
// Returns: pattern, members (list of maps)
UNWIND $ids AS id
MATCH (p:Pattern {pattern_id: id})
CALL (p) {
  MATCH (p)<-[o:OF_PATTERN]-(s:Signature)
  WITH s, o, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS crashes ORDER BY crashes DESC, s.exact
  RETURN collect({
    exact: s.exact, structural: s.structural, title: s.title, error_type: s.error_type, cause: s.cause,
    frames: coalesce(s.frames[s.blamed .. s.blamed + 4], []), crashes: crashes,
    placed: properties(o)
  }) AS members
}
RETURN p {.*} AS pattern, members
