"""Resolved patterns and proven solutions when crashes recur."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from reports import START, submission

from crashgraph.wiring import Container
from graph.algorithms.version_order import order_text
from graph.knowledge.deployments import find_product_site
from graph.knowledge.pattern_status import FixVersion, ignore, product_of, reopen, resolve
from graph.knowledge.solutions import NewSolution, SolutionUse, record_solution, record_use
from graph.model.actor import person
from graph.model.environment import version_id
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Version
from graph.model.statement import Statement
from graph.ports import Row

ANN = person("Ann")
HISTORY = Statement("MATCH (r:Revision)-[:REVISES]->(:Pattern) RETURN r {.*} AS r ORDER BY r.version")


def fixed_in(version: str, product: str = "desk") -> FixVersion:
    made = Version(version_id=version_id(product, version), title=f"{product} {version}", product=product, version=version)
    return FixVersion(made, order_text(version))


async def seen(container: Container, number: int, version: str | None, **also: object) -> Row:
    """Store one crash of a version and return its pattern."""
    [receipt] = await container.receiver.receive([submission(0, number, version=version, **also)])
    assert receipt.pattern_id
    [row] = await container.graph.read(
        Statement("MATCH (p:Pattern {pattern_id: $id}) RETURN p {.*} AS p", {"id": receipt.pattern_id})
    )
    return dict(row["p"])


async def test_a_resolved_pattern_reopens_only_in_that_version_or_later(container: Container) -> None:
    pattern_id = (await seen(container, 0, "1.9"))["pattern_id"]
    await resolve(container.graph, pattern_id, ANN, fixed_in=fixed_in("1.10"))
    assert (await seen(container, 1, "1.9"))["status"] == "resolved"
    assert (await seen(container, 2, "1.10-rc1"))["status"] == "resolved"
    assert (await seen(container, 3, None))["status"] == "resolved"
    assert (await seen(container, 4, "9.0", product="other"))["status"] == "resolved"
    again = await seen(container, 5, "1.10.0")
    assert (again["status"], again["regressed_version"]) == ("regressed", "1.10.0")
    assert again["regressed_at"] == START + timedelta(minutes=5)
    assert (await seen(container, 6, "2.0"))["regressed_version"] == "1.10.0"
    steps = [row["r"] for row in await container.graph.read(HISTORY)]
    assert [(one["version"], one["change_type"], one["by"]) for one in steps] == [
        (1, "status", "person:Ann"),
        (2, "status", "ingest"),
    ]
    assert json.loads(steps[1]["after"])["regressed_version"] == "1.10.0"
    assert "1.10" in steps[1]["reason"]


async def test_without_a_version_a_crash_after_the_resolution_reopens_a_pattern(container: Container) -> None:
    pattern_id = (await seen(container, 0, "1.0"))["pattern_id"]
    resolved = await resolve(container.graph, pattern_id, ANN)
    assert resolved.resolved_at is not None
    assert (await seen(container, 1, "1.0", timestamp=resolved.resolved_at - timedelta(days=1)))["status"] == "resolved"
    later = resolved.resolved_at + timedelta(seconds=1)
    assert (await seen(container, 2, "1.0", timestamp=later))["status"] == "regressed"


async def test_the_status_of_a_pattern_is_set_with_a_revision(container: Container) -> None:
    pattern_id = (await seen(container, 0, "1.0"))["pattern_id"]
    assert (await ignore(container.graph, pattern_id, ANN)).status == "ignored"
    assert (await seen(container, 1, "2.0"))["status"] == "ignored"
    opened = await reopen(container.graph, pattern_id, person("Ben"), "somebody cares")
    assert (opened.status, opened.resolved_at) == ("open", None)
    await reopen(container.graph, pattern_id, person("Ben"))
    assert [row["r"]["reason"] for row in await container.graph.read(HISTORY) if "reason" in row["r"]] == ["somebody cares"]
    assert len(await container.graph.read(HISTORY)) == 2
    with pytest.raises(NotFoundError, match="gone"):
        await ignore(container.graph, "gone", ANN)
    with pytest.raises(NotFoundError, match="nothing"):
        await resolve(container.graph, pattern_id, ANN, solution_id="nothing")


async def test_the_product_follows_from_the_crashes_unless_there_are_several(container: Container) -> None:
    pattern_id = (await seen(container, 0, "1.0"))["pattern_id"]
    assert await product_of(container.graph, pattern_id) == "desk"
    await seen(container, 1, "1.0", product="other")
    with pytest.raises(InvalidInputError, match="'other'"):
        await product_of(container.graph, pattern_id)


async def test_resolving_during_ingest_ends_regressed_with_one_reopening(container: Container) -> None:
    pattern_id = (await seen(container, 0, "1.0"))["pattern_id"]
    coming = [container.receiver.receive([submission(0, number, version="3.0")]) for number in range(1, 7)]
    await asyncio.gather(*coming[:3], resolve(container.graph, pattern_id, ANN, fixed_in=fixed_in("2.0")), *coming[3:])
    after = await seen(container, 99, "3.0")
    assert after["status"] == "regressed"
    by = [row["r"]["by"] for row in await container.graph.read(HISTORY)]
    assert by == ["person:Ann", "ingest"]
    assert [row["r"]["version"] for row in await container.graph.read(HISTORY)] == [1, 2]


async def test_a_recurring_crash_ends_the_proof_of_a_solution(container: Container) -> None:
    pattern_id = (await seen(container, 0, "1.0", site="Ghent"))["pattern_id"]
    solution = await record_solution(container.graph, NewSolution(pattern_id=pattern_id, description="Add it"), ANN)
    applied = START + timedelta(days=1)
    place = await find_product_site(container.graph, site="Ghent")
    await record_use(
        container.graph,
        SolutionUse(
            solution_id=solution.solution_id,
            pattern_id=pattern_id,
            worked=True,
            at=applied,
            place=place,
            version="1.1",
            version_order=order_text("1.1"),
        ),
        ANN,
    )
    lost = Statement("MATCH (:Solution)-[h:PROVEN_IN]->() RETURN h.lost_at AS at, h.lost_crash_id AS crash")
    await seen(container, 1, "1.1", site="Ghent")  # before it was applied
    await seen(container, 2, "1.1", site="Bruges", timestamp=applied + timedelta(days=1))
    await seen(container, 3, "1.0", site="Ghent", timestamp=applied + timedelta(days=1))
    assert await container.graph.read(lost) == [{"at": None, "crash": None}]
    await seen(container, 4, "1.2", site="Ghent", timestamp=applied + timedelta(days=2))
    [row] = await container.graph.read(lost)
    assert row["at"] == applied + timedelta(days=2)
    assert row["crash"]
