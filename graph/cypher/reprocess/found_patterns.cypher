// Answers: create patterns for signatures that leave another pattern, with the diagnosis and severity of that one.
// Params: rows LIST<MAP>
// Reads: Pattern(pattern_id, severity, taxonomy_code, cluster_id, diagnosis_confidence)
// Writes: Pattern
// Returns: patterns
UNWIND $rows AS row
MATCH (source:Pattern {pattern_id: row.source})
MERGE (p:Pattern {pattern_id: row.pattern.pattern_id})
ON CREATE SET p += row.pattern, p.severity = source.severity, p.taxonomy_code = source.taxonomy_code,
              p.cluster_id = source.cluster_id, p.diagnosis_confidence = source.diagnosis_confidence
RETURN count(p) AS patterns
