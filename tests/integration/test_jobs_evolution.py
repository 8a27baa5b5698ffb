"""Crashes in a real graph in, ``EVOLVES_FROM`` and the versions of each pattern out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from crashgraph.wiring import Container
from graph.knowledge.history import pattern_as_of
from graph.model.nodes import EMBEDDING_DIMENSIONS
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now

START = datetime(2026, 1, 1, tzinfo=UTC)
VERSIONS = ("1.8", "1.9", "1.10", "2.0")
STORE = """
UNWIND $rows AS row
MERGE (pattern:Pattern {pattern_id: row.pattern}) ON CREATE SET pattern.name = row.pattern, pattern.severity = 'low',
  pattern.status = 'open', pattern.occurrence_count = 1
MERGE (signature:Signature {exact: 's-' + coalesce(row.signature, row.pattern)}) ON CREATE SET signature.title = row.frames[0]
  SET signature.embedding = row.embedding, signature.frames = row.frames, signature.blamed = 0, signature.error_type = 'E'
MERGE (signature)-[:OF_PATTERN]->(pattern)
CREATE (crash:Crash {
  crash_id: row.crash_id, status: 'matched', occurred_at: row.at, received_at: row.at, site: row.site, severity: 'low',
  title: row.pattern, format: 'python', report: '', report_hash: '', product: row.product, version: row.version
})
CREATE (crash)-[:HAS_SIGNATURE]->(signature)
"""


def embedding(direction: int, likeness: float = 1.0) -> list[float]:
    """A unit vector that has this cosine with the one of its direction, and 0 with those of others."""
    made = np.zeros(EMBEDDING_DIMENSIONS)
    made[2 * direction], made[2 * direction + 1] = likeness, (1 - likeness**2) ** 0.5
    return [float(one) for one in made]


def seen(pattern: str, frame: str, vector: list[float], counts: tuple[int, ...], product: str = "shop") -> list[dict[str, Any]]:
    """Rows of one pattern: so many days with a crash in each version."""
    return [
        {
            "pattern": pattern,
            "frames": [frame, "desk.main"],
            "embedding": vector,
            "crash_id": f"{product}-{pattern}-{version}-{number}",
            "at": START + timedelta(days=40 * VERSIONS.index(version) + number),
            "site": f"site {number % 4}",
            "product": product,
            "version": version,
        }
        for version, count in zip(VERSIONS, counts, strict=True)
        for number in range(count)
    ]


def history() -> list[dict[str, Any]]:
    """Patterns that moved, split and reappeared at 1.10, beside unchanged ones."""
    return [
        *seen("moved-old", "grid.gap_after", embedding(0), (9, 8, 0, 0)),
        *seen("moved-new", "gaps.gap_after", embedding(0, 0.9), (0, 0, 8, 9)),
        *seen("split-old", "feeds.duration", embedding(1), (10, 9, 0, 0)),
        *seen("split-a", "feeds.iso", embedding(1, 0.9), (0, 0, 9, 8)),
        *seen("split-b", "feeds.clock", embedding(1, 0.85), (0, 0, 7, 9)),
        *seen("named-old", "series.path_of", embedding(2), (9, 9, 0, 0)),
        *seen("named-new", "series.breadcrumb", embedding(2, 0.8), (0, 0, 9, 9)),
        *seen("away", "licences.day", embedding(3), (15, 0, 0, 12)),
        *seen("stays", "desk.stay", embedding(4), (12, 12, 12, 12)),
        *seen("like-it", "desk.too", embedding(4, 0.9), (11, 12, 12, 10)),
        *seen("elsewhere", "grid.gap", embedding(0, 0.95), (0, 0, 9, 9), product="till"),
        *seen("noise", "till.main", embedding(5), (15, 15, 15, 15), product="till"),
    ]


async def evolved(graph: Neo4jGraph) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, float]]:
    """The edges by newer and older pattern, and what the run counted."""
    done = await run_now(graph, "evolution")
    assert done.state == "succeeded", done.error
    rows = await graph.read(
        Statement("MATCH (a:Pattern)-[r:EVOLVES_FROM]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b, r {.*} AS r")
    )
    return {(row["a"], row["b"]): row["r"] for row in rows}, json.loads(done.counts or "{}")


async def test_what_became_of_what_and_where(container: Container) -> None:
    await container.graph.write(Statement(STORE, {"rows": history()}))
    edges, counts = await evolved(container.graph)
    assert {pair: edge["kind"] for pair, edge in edges.items()} == {
        ("moved-new", "moved-old"): "moved",
        ("split-a", "split-old"): "split",
        ("split-b", "split-old"): "split",
        ("named-new", "named-old"): "renamed",
    }
    assert {(edge["product"], edge["version"]) for edge in edges.values()} == {("shop", "1.10")}
    moved = edges["moved-new", "moved-old"]
    assert (moved["left"], moved["before"], moved["support"]) == (0.0, 0.0, 17)
    assert moved["likeness"] > 0.89
    assert set(moved["sample_crash_ids"]) == {
        "shop-moved-old-1.9-7", "shop-moved-old-1.9-6", "shop-moved-new-2.0-8", "shop-moved-new-2.0-7",
    }  # fmt: skip
    assert "From 1.10 on" in moved["why"]
    assert (counts["products"], counts["audit_false_pairs"], counts["pairs_kept"]) == (2, 0, 4)


async def test_each_pattern_has_the_versions_it_was_introduced_last_seen_and_back_in(container: Container) -> None:
    await container.graph.write(Statement(STORE, {"rows": history()}))
    await evolved(container.graph)
    rows = await container.graph.read(
        Statement("MATCH (p:Pattern) RETURN p.pattern_id AS id, [p.introduced_in, p.last_seen_in, p.returned_in] AS versions")
    )
    versions = {row["id"]: row["versions"] for row in rows}
    assert versions["away"] == [["shop@1.8"], ["shop@2.0"], ["shop@2.0"]]
    assert versions["moved-new"] == [["shop@1.10"], ["shop@2.0"], []]
    assert versions["elsewhere"] == [["till@1.10"], ["till@2.0"], []]
    assert [id for id, one in versions.items() if one[2]] == ["away"]


async def test_what_people_called_different_is_left_alone_and_what_no_longer_holds_goes(container: Container) -> None:
    await container.graph.write(Statement(STORE, {"rows": history()}))
    await evolved(container.graph)
    ends = "MATCH (a:Pattern {pattern_id: 'moved-new'}), (b:Pattern {pattern_id: 'moved-old'})"
    await container.graph.write(Statement(f"{ends} CREATE (a)-[:DISTINCT_FROM]->(b)"))
    back = seen("named-old", "series.path_of", embedding(2), (0, 0, 30, 30))
    await container.graph.write(Statement(STORE, {"rows": [row for row in back if int(row["crash_id"].split("-")[-1]) > 8]}))
    edges, _ = await evolved(container.graph)
    assert edges.keys() == {("split-a", "split-old"), ("split-b", "split-old")}


async def test_a_pattern_without_crashes_has_no_versions(container: Container) -> None:
    await container.graph.write(Statement(STORE, {"rows": history()}))
    await evolved(container.graph)
    await container.graph.write(
        Statement(
            """
            MATCH (s:Signature {exact: 's-like-it'})-[of:OF_PATTERN]->(p), (other:Pattern {pattern_id: 'stays'})
            DELETE of SET p.status = 'merged' CREATE (s)-[:OF_PATTERN]->(other)
            """
        )
    )
    await evolved(container.graph)
    [row] = await container.graph.read(
        Statement("MATCH (p:Pattern) WHERE p.introduced_in IS NULL RETURN collect(p.pattern_id) AS ids")
    )
    assert row["ids"] == ["like-it"]


async def test_an_empty_graph(container: Container) -> None:
    edges, counts = await evolved(container.graph)
    assert (edges, counts["patterns"]) == ({}, 0)


async def drifted(graph: Neo4jGraph) -> list[dict[str, Any]]:
    """The steps that the job put into histories."""
    text = "MATCH (r:Revision {change_type: 'drift'})-[:REVISES]->(p) RETURN p.pattern_id AS id, r {.*} AS r ORDER BY id"
    return [{"id": row["id"]} | row["r"] for row in await graph.read(Statement(text))]


async def test_a_signature_that_replaces_another_is_recorded_once_in_the_history(container: Container) -> None:
    def both(pattern: str, old: tuple[int, ...], new: tuple[int, ...]) -> list[dict[str, Any]]:
        return seen(pattern, "feeds.read", embedding(7), old) + [
            row | {"crash_id": f"new {row['crash_id']}", "signature": f"{pattern}-new", "frames": ["imports.read", "desk.main"]}
            for row in seen(pattern, "imports.read", embedding(7), new)
        ]

    rows = [*both("drifts", (9, 9, 0, 0), (0, 0, 9, 8)), *both("mixed", (9, 8, 9, 8), (7, 9, 8, 9))]
    await container.graph.write(Statement(STORE, {"rows": [*history(), *rows]}))
    _, counts = await evolved(container.graph)
    (revision,) = await drifted(container.graph)
    assert (counts["drifts"], counts["audit_false_drifts"]) == (1, 0)
    assert (revision["id"], revision["by"], revision["version"]) == ("drifts", "evolution", 1)
    assert revision["reason"].startswith("From 1.10 of shop on it comes as imports.read [s-drifts]")
    assert "feeds.read" in revision["reason"]
    await evolved(container.graph)
    assert await drifted(container.graph) == [revision]
    assert (await pattern_as_of(container.graph, "drifts", datetime.now(UTC))) is not None
