"""The documents, each as crashgraph takes it, as @neo4j/graphql does with ``schema.graphql``, and as one Cypher query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One question in three languages. Answers have the shape of ours."""

    ours: str
    theirs: str
    cypher: str


LIST = Document(
    ours="{ patterns(first: 50) { nodes { patternId name severity status occurrenceCount errorType } } }",
    theirs="""{ patterns(limit: 50, sort: [{occurrenceCount: DESC}, {patternId: ASC}]) {
      patternId name severity status occurrenceCount errorType } }""",
    cypher="""
    MATCH (p:Pattern) WHERE p.occurrence_count <= 9000000000
    WITH p ORDER BY p.occurrence_count DESC, p.pattern_id LIMIT 50
    RETURN collect({patternId: p.pattern_id, name: p.name, severity: toUpper(p.severity), status: toUpper(p.status),
                    occurrenceCount: p.occurrence_count, errorType: p.error_type}) AS nodes
    """,
)
NESTED = Document(
    ours="""{ patterns(first: 20) { nodes { patternId name severity status occurrenceCount
      signatures(first: 5) { edges { crashCount node { exact title errorType cause } } }
      crashes(first: 10) { nodes { crashId title severity status product site receivedAt
        environment { environmentId os site product version } signature { exact title } } }
      sites(first: 5) { edges { crashCount node { name } } }
      versions(first: 5) { edges { crashCount node { versionId } } }
    } } }""",
    theirs="""{ patterns(limit: 20, sort: [{occurrenceCount: DESC}, {patternId: ASC}]) {
      patternId name severity status occurrenceCount
      signatures(first: 5) { crashCount exact title errorType cause }
      crashes(first: 10) { crashId title severity status product site receivedAt
        environment { environmentId os site product version } signature { exact title } }
      sites(first: 5) { crashCount key }
      versions(first: 5) { crashCount key }
    } }""",
    cypher="""
    MATCH (p:Pattern) WHERE p.occurrence_count <= 9000000000
    WITH p ORDER BY p.occurrence_count DESC, p.pattern_id LIMIT 20
    CALL (p) {
      MATCH (p)<-[:OF_PATTERN]-(s:Signature)
      WITH s, COUNT { (s)<-[:HAS_SIGNATURE]-() } AS n ORDER BY n DESC, s.exact LIMIT 5
      RETURN collect({crashCount: n, node: {exact: s.exact, title: s.title, errorType: s.error_type, cause: s.cause}})
        AS signatures
    }
    CALL (p) {
      MATCH (p)<-[:OF_PATTERN]-(s:Signature)
      CALL (s) {
        MATCH (c:Crash) WHERE c.exact = s.exact AND c.received_at <= datetime('9999-01-01T00:00Z')
        RETURN c ORDER BY c.exact DESC, c.received_at DESC, c.crash_id LIMIT 10
      }
      WITH c, s ORDER BY c.received_at DESC, c.crash_id LIMIT 10
      OPTIONAL MATCH (c)-[:OCCURRED_IN]->(e:Environment)
      RETURN collect({crashId: c.crash_id, title: c.title, severity: toUpper(c.severity), status: toUpper(c.status),
        product: c.product, site: c.site, receivedAt: toString(c.received_at),
        environment: CASE WHEN e IS NULL THEN null ELSE {environmentId: e.environment_id, os: e.os, site: e.site,
          product: e.product, version: e.version} END, signature: {exact: s.exact, title: s.title}}) AS crashes
    }
    CALL (p) {
      MATCH (p)<-[:OF_PATTERN]-(:Signature)-[r:SEEN_IN]->(:Environment)-[:AT_SITE]->(n:Site)
      WITH n, sum(r.crashes) AS rank ORDER BY rank DESC, n.name LIMIT 5
      RETURN collect({crashCount: rank, node: {name: n.name}}) AS sites
    }
    CALL (p) {
      MATCH (p)<-[:OF_PATTERN]-(:Signature)-[r:SEEN_IN]->(:Environment)-[:RUNS_VERSION]->(n:Version)
      WITH n, sum(r.crashes) AS rank ORDER BY rank DESC, n.version_id LIMIT 5
      RETURN collect({crashCount: rank, node: {versionId: n.version_id}}) AS versions
    }
    RETURN collect({patternId: p.pattern_id, name: p.name, severity: toUpper(p.severity), status: toUpper(p.status),
      occurrenceCount: p.occurrence_count, signatures: {edges: signatures}, crashes: {nodes: crashes},
      sites: {edges: sites}, versions: {edges: versions}}) AS nodes
    """,
)
DOCUMENTS = {"list of 50": LIST, "nested": NESTED}

HOT = """{ patterns(first: 20) { nodes { patternId name severity status occurrenceCount firstSeen lastSeen signatureCount
  crashes(first: 1) { nodes { crashId title receivedAt } }
  sites(first: 5) { edges { crashCount node { name } } }
  versions(first: 5) { edges { crashCount node { versionId } } }
} } }"""
"""What a page about the biggest patterns shows."""

PAGE = """query ($after: String) { crashes(first: 50, after: $after) {
  nodes { crashId title severity site receivedAt } pageInfo { endCursor } } }"""


def plain_times(value: Any, key: str = "") -> Any:
    """An answer with its times as times, whose spelling differs."""
    if isinstance(value, dict):
        return {name: plain_times(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [plain_times(each) for each in value]
    return datetime.fromisoformat(value.partition("[")[0]) if key == "receivedAt" else value


def as_ours(theirs: dict[str, Any]) -> dict[str, Any]:
    """An answer of @neo4j/graphql in the shape of ours."""
    return {"patterns": {"nodes": [_pattern(one) for one in theirs["patterns"]]}}


def _pattern(one: dict[str, Any]) -> dict[str, Any]:
    shaped = _upper(one)
    if "signatures" in one:
        shaped["signatures"] = {"edges": [_edge(each) for each in one["signatures"]]}
        shaped["crashes"] = {"nodes": [_crash(each) for each in one["crashes"]]}
        for field, key in (("sites", "name"), ("versions", "versionId")):
            edges = [{"crashCount": each["crashCount"], "node": {key: each["key"]}} for each in one[field]]
            shaped[field] = {"edges": edges}
    return shaped


def _edge(one: dict[str, Any]) -> dict[str, Any]:
    return {"crashCount": one["crashCount"], "node": {key: value for key, value in one.items() if key != "crashCount"}}


def _crash(one: dict[str, Any]) -> dict[str, Any]:
    single = {key: (one[key] or [None])[0] for key in ("environment", "signature")}
    return {**_upper(one), **single}


def _upper(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "severity": one["severity"].upper(), "status": one["status"].upper()}
