// Answers: the patterns that jobs found related to these, strongest first, behind a cursor, each with the evidence.
//   (score, key) is the cursor; a key is the relationship type, the other pattern's id and the
//   direction, with spaces in between.
// Params: ids LIST<STRING>, types LIST<STRING>, min_score FLOAT, score FLOAT, key STRING, limit INTEGER
// Reads: Pattern(pattern_id)
// Writes: nothing
// Returns: rows: one list of {id, items: [{node, type, outgoing, evidence}]}
UNWIND $ids AS id
CALL (id) {
  MATCH (p:Pattern {pattern_id: id})-[r:$any($types)]-(q:Pattern)
  WHERE r.score >= $min_score AND r.score <= $score
  WITH p, q, r, type(r) + ' ' + q.pattern_id + CASE WHEN startNode(r) = p THEN ' >' ELSE ' <' END AS key
  WHERE NOT (r.score = $score AND key <= $key)
  WITH p, q, r, key ORDER BY r.score DESC, key LIMIT $limit
  RETURN collect({
    node: q {.*}, type: type(r), outgoing: startNode(r) = p, evidence: properties(r)
  }) AS items
}
RETURN collect({id: id, items: items}) AS rows
