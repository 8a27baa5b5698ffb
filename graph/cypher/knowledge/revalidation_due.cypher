// Answers: patterns with validations or solutions that nobody has confirmed since a time, most crashes first.
// Params: before ZONED DATETIME, limit INTEGER
// Reads: Pattern(pattern_id, status, validated_at, occurrence_count), RESOLVES(worked), Solution(last_used_at, created_at)
// Writes: nothing
// Full scan: of the solutions, which people write and which are few
// Returns: rows: one list of {pattern, worked}
CALL () {
  MATCH (p:Pattern) WHERE p.validated_at < $before
  RETURN p
  UNION
  MATCH (s:Solution)-[:RESOLVES]->(p:Pattern)
  WHERE p.validated_at IS NULL
  WITH p, max(coalesce(s.last_used_at, s.created_at)) AS used
  WHERE used IS NULL OR used < $before
  RETURN p
}
WITH p WHERE NOT coalesce(p.status, 'open') IN ['ignored', 'merged']
WITH p ORDER BY p.occurrence_count DESC, p.pattern_id LIMIT $limit
RETURN collect({pattern: p {.*}, worked: COLLECT { MATCH (p)<-[r:RESOLVES]-(:Solution) RETURN coalesce(r.worked, 0) }}) AS rows
