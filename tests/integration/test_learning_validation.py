"""Validations on a real graph: reviews of crashes, and their effect on the pattern."""

from __future__ import annotations

import asyncio

import pytest
from small_graph import arrange, crash, pattern

from graph.knowledge.validation import CrashReview, validate
from graph.model.actor import Actor, ActorKind, Scope, person
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.statement import Statement
from graph.ports import Row
from graph.store import Neo4jGraph

PATTERN = Statement("MATCH (p:Pattern {pattern_id: 'tax'}) RETURN p")
REVISIONS = Statement("MATCH (r:Revision)-[:REVISES]->(:Pattern {pattern_id: 'tax'}) RETURN r ORDER BY r.version")

ANN = person("Ann")
AGENT = Actor(ActorKind.AGENT, "healer", frozenset(Scope))


@pytest.fixture
async def shop(graph: Neo4jGraph) -> Neo4jGraph:
    """One pattern of twelve crashes, another, and one unparsed crash."""
    crashes = [crash(f"c{number}", "tax", minute=number) for number in range(12)]
    await arrange(graph, [pattern("tax", 12, confidence=0.5), pattern("rate")], [*crashes, crash("odd", None)])
    return graph


async def stored(graph: Neo4jGraph) -> Row:
    [row] = await graph.read(PATTERN)
    return dict(row["p"])


async def test_a_validation_updates_the_pattern_and_the_crash(shop: Neo4jGraph) -> None:
    review = CrashReview(
        crash_id="c0",
        notes="seen with the new tariff",
        root_cause="the tariff table lacks a row",
        name="Missing tariff",
        severity="critical",
        downtime_minutes=45.0,
        affected_features=("invoices", "export"),
        resolution_minutes=30.0,
    )
    result = await validate(shop, review, ANN)
    assert result.validation.quality == pytest.approx(1.0)
    assert (result.validation.strategy, result.validation.match_confidence) == ("exact", None)
    now = await stored(shop)
    assert (now["name"], now["severity"], now["root_cause"]) == ("Missing tariff", "critical", "the tariff table lacks a row")
    assert (now["validation_count"], now["false_positive_count"]) == (1, 0)
    assert now["confidence"] == pytest.approx(2 / 3)
    assert now["avg_resolution_minutes"] == 30.0
    rows = await shop.read(
        Statement(
            "MATCH (v:Validation)-[:VALIDATES]->(c:Crash {crash_id: 'c0'})<-[:LEARNED_FROM]-(r:Revision) "
            "RETURN c.downtime_minutes AS down, c.affected_features AS features, r.reason AS reason, v.validation_id AS id"
        )
    )
    assert [(row["down"], row["features"]) for row in rows] == [(45.0, ["invoices", "export"])]
    assert rows[0]["id"] in rows[0]["reason"]


async def test_a_wrong_match_counts_against_the_pattern_and_changes_nothing_else(shop: Neo4jGraph) -> None:
    await validate(shop, CrashReview(crash_id="c0"), ANN)
    await validate(shop, CrashReview(crash_id="c1", correct=False, belongs_to="rate", name="Rates"), ANN)
    now = await stored(shop)
    assert (now["validation_count"], now["false_positive_count"], now["confidence"]) == (2, 1, 0.5)
    assert now["name"] == "KeyError in shop.tax"


async def test_a_second_validation_by_the_same_person_replaces_the_first(shop: Neo4jGraph) -> None:
    await validate(shop, CrashReview(crash_id="c0", correct=False, resolution_minutes=10), ANN)
    await validate(shop, CrashReview(crash_id="c0", resolution_minutes=20), person("Ben"))
    await validate(shop, CrashReview(crash_id="c0", resolution_minutes=40), ANN)
    now = await stored(shop)
    assert (now["validation_count"], now["false_positive_count"]) == (2, 0)
    assert now["avg_resolution_minutes"] == pytest.approx(30.0)
    assert len(await shop.read(REVISIONS)) == 3


async def test_lower_trust_does_not_overwrite(shop: Neo4jGraph) -> None:
    await validate(shop, CrashReview(crash_id="c0", name="Missing tariff"), ANN)
    await validate(shop, CrashReview(crash_id="c1", name="All is well", severity="low"), AGENT)
    now = await stored(shop)
    assert (now["name"], now["severity"], now["trust"]) == ("Missing tariff", "high", "validated")


async def test_invalid_validations_are_refused(shop: Neo4jGraph) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        await validate(shop, CrashReview(crash_id="gone"), ANN)
    with pytest.raises(InvalidInputError, match="not understood"):
        await validate(shop, CrashReview(crash_id="odd"), ANN)
    with pytest.raises(InvalidInputError, match="belongsTo"):
        await validate(shop, CrashReview(crash_id="c0", correct=False, belongs_to="tax"), ANN)
    assert await shop.read(REVISIONS) == []
    assert "validation_count" not in await stored(shop)


async def test_concurrent_validations_are_all_counted(shop: Neo4jGraph) -> None:
    looks = [CrashReview(crash_id=f"c{number}", correct=number % 4 > 0) for number in range(8)]
    await asyncio.gather(*(validate(shop, one, person(f"person {number}")) for number, one in enumerate(looks)))
    now = await stored(shop)
    assert (now["validation_count"], now["false_positive_count"]) == (8, 2)
    assert now["confidence"] == pytest.approx(0.7)
    revisions = await shop.read(REVISIONS)
    assert [row["r"]["version"] for row in revisions] == list(range(1, 9))
    assert len(await shop.read(Statement("MATCH (p:Pattern {pattern_id: 'tax'}) RETURN p"))) == 1
