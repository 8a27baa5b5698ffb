"""Solutions on a real graph: one node per fix, the effect of its uses, and its proof."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from small_graph import START, arrange, crash, pattern

from graph.cypher import query
from graph.knowledge.deployments import ProductSite, exposure, find_product_site
from graph.knowledge.pattern_status import ignore
from graph.knowledge.solutions import NewSolution, SolutionUse, UseResult, record_solution, record_use
from graph.knowledge.summary import known_patterns, solution_of
from graph.knowledge.verdicts.decide import Verdicts
from graph.model.actor import Actor, ActorKind, Scope, person
from graph.model.convert import record
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.relationships import ProvenIn
from graph.model.statement import Statement
from graph.ports import Row
from graph.store import Neo4jGraph

DAY = 24 * 60
FIXED = START + timedelta(days=30)
ANN = person("Ann")
AGENT = Actor(ActorKind.AGENT, "healer", frozenset(Scope))
NEW = NewSolution(pattern_id="tax", description="Add the missing tariff row", kind="configuration")
NEW_SOLUTIONS = Statement("MATCH (r:Revision {change_type: 'new_solution'})-[:REVISES]->(p) RETURN p.pattern_id AS pattern")


@pytest.fixture
async def shop(graph: Neo4jGraph) -> Neo4jGraph:
    """A pattern that crashes once a day at one site, and one of the same cluster of errors."""
    known: dict[str, Any] = {"taxonomy_code": "RES.KEY_ERROR", "cluster_id": "RES.KEY_ERROR:tariff"}
    crashes = [crash(f"c{day}", "tax", minute=day * DAY) for day in range(30)]
    await arrange(graph, [pattern("tax", 30, **known), pattern("rate", **known)], crashes)
    return graph


async def antwerp(graph: Neo4jGraph) -> ProductSite:
    place = await find_product_site(graph, site="Antwerp")
    assert place is not None
    return place


async def use(
    graph: Neo4jGraph, solution: str, *, worked: bool = True, at: datetime = FIXED, actor: Actor = ANN, **also: object
) -> UseResult:
    return await record_use(
        graph,
        SolutionUse(solution_id=solution, pattern_id="tax", worked=worked, at=at, **also),  # type: ignore[arg-type]  # fields by name
        actor,
    )


async def test_concurrent_writers_of_a_solution_create_one(shop: Neo4jGraph) -> None:
    texts = ("Add the missing tariff row", "add the missing  tariff row.")
    drafts = [NewSolution(pattern_id="tax", description=texts[number % 2]) for number in range(8)]
    made = await asyncio.gather(*(record_solution(shop, one, person(f"writer {number}")) for number, one in enumerate(drafts)))
    assert len({one.solution_id for one in made}) == 1
    found = await shop.read(
        Statement("MATCH (s:Solution)-[r:RESOLVES]->(p) RETURN s.error_code AS code, p.pattern_id AS pattern")
    )
    assert found == [{"code": "RES.KEY_ERROR", "pattern": "tax"}]
    assert await shop.read(NEW_SOLUTIONS) == [{"pattern": "tax"}]


async def test_patterns_of_a_cluster_share_a_solution_and_each_has_a_revision(shop: Neo4jGraph) -> None:
    first = await record_solution(shop, NEW, ANN)
    second = await record_solution(shop, NewSolution(pattern_id="rate", description=NEW.description), person("Ben"))
    assert first.solution_id == second.solution_id
    assert len(await shop.read(NEW_SOLUTIONS)) == 2


async def test_uses_are_counted_and_tagged(shop: Neo4jGraph) -> None:
    made = await record_solution(shop, NEW, ANN)
    assert (made.trust, made.tags) == ("suggested", ())
    assert made.quality == pytest.approx(0.4)
    for confidence in (0.94, 0.95, 0.90):
        used = await use(shop, made.solution_id, confidence=confidence, minutes=30, feedback="helpful")
    assert used.solution.avg_confidence == pytest.approx(0.93)
    assert used.solution.tags == ("GOLD_STANDARD",)
    assert used.solution.trust == "validated"
    used = await use(shop, made.solution_id, confidence=0.5)
    assert used.solution.tags == ("HIGH_CONFIDENCE",)
    used = await use(shop, made.solution_id, worked=False)
    assert (used.resolves.worked, used.resolves.failed, used.resolves.last_success_at) == (4, 1, FIXED)
    assert used.solution.confidence == pytest.approx(5 / 7)
    mean = (0.94 + 0.95 + 0.90 + 0.5) / 4
    wanted = 0.4 * 4 / 5 + 0.3 * 60 / 90 + 0.2 * 4 / 9 + 0.1 * mean
    assert used.solution.quality == pytest.approx(wanted)


async def test_concurrent_uses_are_all_counted(shop: Neo4jGraph) -> None:
    made = await record_solution(shop, NEW, ANN)
    place = await antwerp(shop)
    await asyncio.gather(*(use(shop, made.solution_id, worked=number % 3 > 0, place=place) for number in range(9)))
    [row] = await shop.read(
        Statement(
            "MATCH (s:Solution)-[r:RESOLVES]->(), (s)-[h:PROVEN_IN]->() "
            "RETURN s.success_count AS s, r.worked AS r, r.failed AS f, h.worked + h.failed AS h"
        )
    )
    assert row == {"s": 6, "r": 6, "f": 3, "h": 9}


async def test_an_agent_changes_nothing_that_people_provided(shop: Neo4jGraph) -> None:
    made = await record_solution(shop, NEW, ANN)
    before = (await use(shop, made.solution_id, confidence=0.9)).solution
    for _ in range(5):
        used = await use(shop, made.solution_id, worked=False, confidence=0.1, actor=AGENT, place=await antwerp(shop))
    assert used.solution == before
    assert (used.resolves.worked, used.resolves.failed, used.resolves.session_failed) == (1, 0, 5)
    rewritten = await record_solution(
        shop,
        NewSolution(pattern_id="tax", description=NEW.description, kind="code", steps="rm -r", verified=True),
        AGENT,
    )
    assert (rewritten.kind, rewritten.steps, rewritten.trust) == ("configuration", None, "validated")


async def test_an_agent_counts_for_what_an_agent_provided(shop: Neo4jGraph) -> None:
    made = await record_solution(shop, NewSolution(pattern_id="tax", description="Retry", verified=True), AGENT)
    used = await use(shop, made.solution_id, confidence=0.85, actor=AGENT)
    assert (used.solution.success_count, used.solution.trust, used.solution.tags) == (1, "learned", ("HIGH_CONFIDENCE",))


async def test_crashes_that_stop_at_a_place_prove_a_solution_there(shop: Neo4jGraph) -> None:
    made = await record_solution(shop, NEW, ANN)
    used = await use(shop, made.solution_id, place=await antwerp(shop))
    assert used.proven is not None
    assert (used.proven.crash_days, used.proven.window_days) == (29, 30.0)
    early, late = FIXED + timedelta(days=2), FIXED + timedelta(days=6)
    assert not exposure(used.proven, early).proven
    assert exposure(used.proven, late).proven
    assert exposure(used.proven, late).expected == pytest.approx(29 / 30 * 6)
    again = await use(shop, made.solution_id, place=await antwerp(shop), at=late)
    assert again.proven is not None
    assert (again.proven.applied_at, again.proven.worked) == (FIXED, 2)


APPLIED_LATER = query(
    "knowledge/applied", environment_id="later", lost=False, at=datetime(1, 1, 1, tzinfo=UTC), key="", limit=10
)


def trust(row: Row, now: datetime) -> str:
    """The tier of a solution at a time, from a row of ``knowledge/applied``."""
    place = {"held": row["proven"], "site": "Antwerp", "product": "Shop"}
    return solution_of({"solution": row["solution"], "resolves": row["resolves"], "proven": [place]}, now).trust


async def test_solutions_applied_in_an_environment_are_one_query(shop: Neo4jGraph) -> None:
    made = await record_solution(shop, NEW, ANN)
    place = await antwerp(shop)
    await use(shop, made.solution_id, place=place)
    await use(shop, made.solution_id, place=place, at=FIXED + timedelta(days=3))
    await shop.write(
        Statement(
            "CREATE (:Environment {environment_id: 'later', title: 'x', product: 'Shop', site: 'Antwerp', version: '2.0'})"
        )
    )
    [row] = await shop.read(APPLIED_LATER)
    held = record(ProvenIn, row["proven"])
    assert (row["solution"]["description"], row["pattern"]["pattern_id"]) == (NEW.description, "tax")
    assert (held.worked, held.applied_at, held.lost_at) == (2, FIXED, None)
    assert trust(row, FIXED + timedelta(days=9)) == "proven"
    used = await use(shop, made.solution_id, worked=False, place=place, at=FIXED + timedelta(days=8))
    assert used.proven is not None
    assert used.proven.lost_at == FIXED + timedelta(days=8)
    [row] = await shop.read(APPLIED_LATER)
    assert trust(row, FIXED + timedelta(days=90)) == "validated"


async def test_a_merged_pattern_is_refused_and_the_error_names_the_other(shop: Neo4jGraph) -> None:
    await Verdicts(shop, str).merge(["tax", "rate"], actor=person("Ann"))
    with pytest.raises(InvalidInputError, match="part of 'tax'"):
        await record_solution(shop, NewSolution(pattern_id="rate", description="x"), ANN)
    with pytest.raises(InvalidInputError, match="part of 'tax'"):
        await ignore(shop, "rate", ANN)


async def test_confidence_in_a_solution_decays_without_use(shop: Neo4jGraph) -> None:
    made = await record_solution(shop, NEW, ANN)
    await use(shop, made.solution_id)
    sure = {}
    for days in (0, 180):
        [known] = (await known_patterns(shop, ["tax"], FIXED + timedelta(days=days))).values()
        sure[days] = known.solutions[0].confidence
    assert sure == {0: pytest.approx(2 / 3), 180: pytest.approx(0.5 + (2 / 3 - 0.5) / 2)}


async def test_an_agent_does_not_overwrite_the_scope_of_a_solution(shop: Neo4jGraph) -> None:
    await record_solution(shop, replace(NEW, scope=("os=Linux",)), ANN)
    await record_solution(shop, replace(NEW, scope=("os=Windows",)), AGENT)
    [known] = (await known_patterns(shop, ["tax"], FIXED)).values()
    assert known.solutions[0].scope == ("os=Linux",)


async def test_errors_name_what_is_unknown(shop: Neo4jGraph) -> None:
    with pytest.raises(NotFoundError, match="none-such"):
        await use(shop, "none-such")
    with pytest.raises(NotFoundError, match="gone"):
        await record_solution(shop, NewSolution(pattern_id="gone", description="x"), ANN)
    assert await find_product_site(shop, site="nowhere") is None
