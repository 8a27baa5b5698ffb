// Answers: the signatures of these patterns with the number of crashes of each, most first, behind a cursor.
// Params: ids LIST<STRING>, at INTEGER, key STRING, limit INTEGER
// Reads: Pattern(pattern_id), OF_PATTERN(strategy, confidence), Signature(exact), HAS_SIGNATURE
// Writes: nothing
// Returns: rows: one list of {id, items: [{node without its embedding, rank, strategy, confidence}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Pattern {pattern_id: id})<-[r:OF_PATTERN]-(s:Signature)
  WITH s, r, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS rank
  WHERE rank <= $at AND NOT (rank = $at AND s.exact <= $key)
  WITH s, r, rank ORDER BY rank DESC, s.exact LIMIT $limit
  RETURN collect({node: s {.*, embedding: null}, rank: rank, strategy: r.strategy, confidence: r.confidence}) AS items
}
RETURN collect({id: id, items: items}) AS rows
