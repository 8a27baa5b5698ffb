// Answers: these relationships with their ends.
// Params: ids LIST<STRING>
// Reads: Crash, Signature, Pattern, Frame, Module, Environment, Site, Version, Attribute, Solution, Validation,
//   Revision, Community, HAS_SIGNATURE, OF_PATTERN, HAS_FRAME, IN_MODULE, OCCURRED_IN, AT_SITE, RUNS_VERSION,
//   HAS_ATTRIBUTE, NEXT, LINKED_TO, RESOLVES, PROVEN_IN, FIXED_IN, VALIDATES, SAME_AS, REPLACED_BY, REVISES,
//   LEARNED_FROM, MEMBER_OF, CORRELATES_WITH, CAUSES, CO_OCCURS_WITH, EVOLVES_FROM, SIMILAR_FIX, RELATED_TO
// Writes: nothing
// Returns: rows: one list of {id, type, properties, source, target (element ids), source_label, source_node,
//   target_label, target_node}
UNWIND $ids AS id
MATCH (a)-[r]->(b) WHERE elementId(r) = id
RETURN collect({
  id: id, type: type(r), properties: properties(r), source: elementId(a), target: elementId(b),
  source_label: head(labels(a)), source_node: a {.*, embedding: null, report: ''},
  target_label: head(labels(b)), target_node: b {.*, embedding: null, report: ''}
}) AS rows
