// Answers: nodes with this id or name, or with an id that starts with it, at most `limit` of a kind, and patterns of
//   that error type; empty filters match everything.
// Params: text STRING, kinds LIST<STRING>, severities LIST<STRING>, statuses LIST<STRING>, limit INTEGER
// Reads: Pattern(pattern_id, error_type, severity, status, occurrence_count), Signature(exact), Crash(crash_id,
//   external_id), Environment(environment_id), Community(community_id), Solution(solution_id), Site(name),
//   Version(version_id), Frame(key), Module(key)
// Writes: nothing
// Returns: rows: one list of {label, key, exact (whether it is the whole id, or null where only the error type
//   matches)}
CALL () {
  WITH $text AS text WHERE 'Pattern' IN $kinds
  MATCH (p:Pattern) WHERE p.pattern_id STARTS WITH text AND (size($severities) = 0 OR p.severity IN $severities) AND (size($statuses) = 0 OR p.status IN $statuses)
  RETURN 'Pattern' AS label, p.pattern_id AS key, p.pattern_id = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Signature' IN $kinds
  MATCH (s:Signature) WHERE s.exact STARTS WITH text
  RETURN 'Signature' AS label, s.exact AS key, s.exact = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Crash' IN $kinds
  MATCH (c:Crash) WHERE c.crash_id STARTS WITH text
  RETURN 'Crash' AS label, c.crash_id AS key, c.crash_id = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Environment' IN $kinds
  MATCH (e:Environment) WHERE e.environment_id STARTS WITH text
  RETURN 'Environment' AS label, e.environment_id AS key, e.environment_id = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Community' IN $kinds
  MATCH (k:Community) WHERE k.community_id STARTS WITH text
  RETURN 'Community' AS label, k.community_id AS key, k.community_id = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Solution' IN $kinds
  MATCH (x:Solution) WHERE x.solution_id STARTS WITH text
  RETURN 'Solution' AS label, x.solution_id AS key, x.solution_id = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Site' IN $kinds
  MATCH (y:Site) WHERE y.name = text
  RETURN 'Site' AS label, y.name AS key, y.name = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Version' IN $kinds
  MATCH (v:Version) WHERE v.version_id = text
  RETURN 'Version' AS label, v.version_id AS key, v.version_id = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Frame' IN $kinds
  MATCH (f:Frame) WHERE f.key = text
  RETURN 'Frame' AS label, f.key AS key, f.key = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Module' IN $kinds
  MATCH (m:Module) WHERE m.key = text
  RETURN 'Module' AS label, m.key AS key, m.key = text AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Crash' IN $kinds
  MATCH (c:Crash) WHERE c.external_id = text
  RETURN 'Crash' AS label, c.crash_id AS key, true AS exact ORDER BY key LIMIT $limit
  UNION ALL
  WITH $text AS text WHERE 'Pattern' IN $kinds
  MATCH (p:Pattern) WHERE p.error_type = text AND p.status <> 'merged'
    AND (size($severities) = 0 OR p.severity IN $severities) AND (size($statuses) = 0 OR p.status IN $statuses)
  RETURN 'Pattern' AS label, p.pattern_id AS key, null AS exact ORDER BY p.occurrence_count DESC, key LIMIT $limit
}
RETURN collect({label: label, key: key, exact: exact}) AS rows
