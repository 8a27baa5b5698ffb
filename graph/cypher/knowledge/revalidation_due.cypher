// Answers: a page of patterns with validations or solutions that nobody has confirmed since a time, most crashes
//   first, behind a cursor.
// Params: before ZONED DATETIME, at INTEGER, key STRING, limit INTEGER
// Reads: Pattern(pattern_id, status, validated_at, occurrence_count), RESOLVES(worked), Solution(last_used_at,
//   created_at)
// Writes: nothing
// Returns: rows: one list of {pattern, worked}
// Full scan: of the solutions, which people write and which are few
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
WITH p, coalesce(p.occurrence_count, 0) AS rank
WHERE NOT coalesce(p.status, 'open') IN ['ignored', 'merged'] AND rank <= $at AND NOT (rank = $at AND p.pattern_id <= $key)
WITH p, rank ORDER BY rank DESC, p.pattern_id LIMIT $limit
RETURN collect({pattern: p {.*}, worked: COLLECT { MATCH (p)<-[r:RESOLVES]-(:Solution) RETURN coalesce(r.worked, 0) }}) AS rows
