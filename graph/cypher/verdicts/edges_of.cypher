// Answers: the verdict relationships of these patterns and signatures, except merges of one pattern into another.
// Params: patterns LIST<STRING>, signatures LIST<STRING>
// Reads: Pattern(pattern_id), Signature(exact), SAME_AS, DISTINCT_FROM, NOT_CAUSED_BY
// Writes: nothing
// Returns: mine, type, outgoing, label (of the other end), other (its key), properties
CALL () {
  UNWIND $patterns AS id
  MATCH (n:Pattern {pattern_id: id})
  RETURN n, id AS mine
  UNION
  UNWIND $signatures AS exact
  MATCH (n:Signature {exact: exact})
  RETURN n, exact AS mine
}
MATCH (n)-[r:SAME_AS|DISTINCT_FROM|NOT_CAUSED_BY]-(m)
WHERE NOT (type(r) = 'SAME_AS' AND n:Pattern AND m:Pattern)
RETURN mine, type(r) AS type, startNode(r) = n AS outgoing, head(labels(m)) AS label,
       coalesce(m.pattern_id, m.exact) AS other, properties(r) AS properties
