// Answers: the neighbours of these nodes over relationships of these types, at most `limit` of a node and type, except
//   nodes with an excluded label; and whether a node has more.
// Params: ids LIST<STRING>, ends LIST<STRING>, types LIST<STRING>, excluded LIST<STRING>, limit INTEGER
// Reads: Crash, Signature, Pattern, Frame, Module, Environment, Site, Version, Attribute, Solution, Validation,
//   Revision, Community, HAS_SIGNATURE, OF_PATTERN, HAS_FRAME, IN_MODULE, OCCURRED_IN, AT_SITE, RUNS_VERSION,
//   HAS_ATTRIBUTE, NEXT, LINKED_TO, RESOLVES, PROVEN_IN, FIXED_IN, VALIDATES, SAME_AS, REPLACED_BY, REVISES,
//   LEARNED_FROM, MEMBER_OF, CORRELATES_WITH, CAUSES, CO_OCCURS_WITH, EVOLVES_FROM, SIMILAR_FIX, RELATED_TO
// Writes: nothing
// Returns: rows: one list of {source, target, edge (element ids), more}
UNWIND $ids AS id
MATCH (n) WHERE elementId(n) = id
CALL (n) {
  UNWIND $types AS type
  CALL (n, type) {
    MATCH (n)-[r:$(type)]-(m)
    WHERE elementId(m) IN $ends OR none(label IN labels(m) WHERE label IN $excluded)
    RETURN elementId(r) AS edge, elementId(m) AS target LIMIT $limit + 1
  }
  WITH type, collect({edge: edge, target: target}) AS found
  RETURN found[0..$limit] AS found, size(found) > $limit AS more
}
UNWIND found AS one
RETURN collect({source: id, target: one.target, edge: one.edge, more: more}) AS rows
