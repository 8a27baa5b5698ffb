// Answers: what these names refer to: a pattern, following merges, or the present signatures of a signature or crash. The
//   label of a name is optional.
// Params: subjects LIST<MAP>
// Reads: Pattern(pattern_id), SAME_AS, Signature(exact), REPLACED_BY, OF_PATTERN, Crash(crash_id), HAS_SIGNATURE
// Writes: nothing
// Returns: position, pattern_id, merged (whether it became part of another), signatures LIST<STRING>
UNWIND range(0, size($subjects) - 1) AS position
WITH position, $subjects[position] AS subject
OPTIONAL MATCH (asked:Pattern {pattern_id: subject.key}) WHERE subject.label IN ['', 'Pattern']
CALL (asked) {
  OPTIONAL MATCH (asked)-[:SAME_AS*0..]->(p:Pattern) WHERE NOT EXISTS { (p)-[:SAME_AS]->(:Pattern) }
  RETURN p LIMIT 1
}
OPTIONAL MATCH (named:Signature {exact: subject.key}) WHERE subject.label IN ['', 'Signature']
OPTIONAL MATCH (:Crash {crash_id: CASE WHEN subject.label IN ['', 'Crash'] THEN subject.key END})-[:HAS_SIGNATURE]->(had:Signature)
WITH position, asked, p, coalesce(named, had) AS signature
CALL (signature) {
  OPTIONAL MATCH (signature)-[:REPLACED_BY*0..]->(s:Signature) WHERE EXISTS { (s)-[:OF_PATTERN]->(:Pattern) }
  RETURN collect(DISTINCT s.exact) AS signatures
}
RETURN position, p.pattern_id AS pattern_id, p <> asked AS merged, signatures
