// Answers: nodes with words of a full-text query: of each kind the best `limit`, and of the patterns among those the
//   ones that match a filter; empty filters match everything.
// Params: words STRING, kinds LIST<STRING>, severities LIST<STRING>, statuses LIST<STRING>, limit INTEGER
// Reads: Pattern(pattern_id, name, severity, status), Signature(exact, text), Frame(key), Module(key), Site(name),
//   Version(version_id, title), Environment(environment_id, title), Solution(solution_id, description),
//   Community(community_id, name)
// Writes: nothing
// Returns: rows: one list of {label, key, text, score (BM25)}
CALL () {
  WITH $words AS words WHERE 'Pattern' IN $kinds
  CALL db.index.fulltext.queryNodes('pattern_fulltext', words, {limit: $limit}) YIELD node AS p, score
  WHERE p.status <> 'merged' AND (size($severities) = 0 OR p.severity IN $severities)
    AND (size($statuses) = 0 OR p.status IN $statuses)
  RETURN 'Pattern' AS label, p.pattern_id AS key, p.name AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Signature' IN $kinds
  CALL db.index.fulltext.queryNodes('signature_fulltext', words, {limit: $limit}) YIELD node AS s, score
  RETURN 'Signature' AS label, s.exact AS key, s.text AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Frame' IN $kinds
  CALL db.index.fulltext.queryNodes('frame_fulltext', words, {limit: $limit}) YIELD node AS f, score
  RETURN 'Frame' AS label, f.key AS key, f.key AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Module' IN $kinds
  CALL db.index.fulltext.queryNodes('module_fulltext', words, {limit: $limit}) YIELD node AS m, score
  RETURN 'Module' AS label, m.key AS key, m.key AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Site' IN $kinds
  CALL db.index.fulltext.queryNodes('site_fulltext', words, {limit: $limit}) YIELD node AS y, score
  RETURN 'Site' AS label, y.name AS key, y.name AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Version' IN $kinds
  CALL db.index.fulltext.queryNodes('version_fulltext', words, {limit: $limit}) YIELD node AS v, score
  RETURN 'Version' AS label, v.version_id AS key, v.title AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Environment' IN $kinds
  CALL db.index.fulltext.queryNodes('environment_fulltext', words, {limit: $limit}) YIELD node AS e, score
  RETURN 'Environment' AS label, e.environment_id AS key, e.title AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Solution' IN $kinds
  CALL db.index.fulltext.queryNodes('solution_fulltext', words, {limit: $limit}) YIELD node AS x, score
  RETURN 'Solution' AS label, x.solution_id AS key, x.description AS text, score
  UNION ALL
  WITH $words AS words WHERE 'Community' IN $kinds
  CALL db.index.fulltext.queryNodes('community_fulltext', words, {limit: $limit}) YIELD node AS c, score
  RETURN 'Community' AS label, c.community_id AS key, c.name AS text, score
}
RETURN collect({label: label, key: key, text: text, score: score}) AS rows
