"""Verdicts of people on a real graph: binding, permanent, and undone without a trace."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from reports import pattern_of, submission
from whole_graph import same_as, whole

from crashgraph.wiring import Container
from graph.cypher import query
from graph.knowledge.verdicts.decide import VerdictResult
from graph.model.actor import person
from graph.model.errors import ContradictionError, InvalidInputError, NotFoundError
from graph.model.statement import Statement

PLACES = ("db.pool", "web.view", "queue.pull", "mail.send")


def traceback(error: str, message: str, place: str, depth: int = 3) -> str:
    """A Python report with a signature of its own for every error, message and place."""
    module, _, function = place.partition(".")
    frames = "\n".join(
        f'  File "/srv/{module}{level}.py", line {10 + level}, in {function}_{level}\n    call()' for level in range(depth)
    )
    return f"Traceback (most recent call last):\n{frames}\n{error}: {message}\n"


@dataclass(frozen=True)
class World:
    """Ids of four patterns, and the hashes of their signatures."""

    patterns: list[str]
    signatures: dict[str, list[str]]


_LAY = """
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})-[old:OF_PATTERN]->() MATCH (p:Pattern {pattern_id: row.pattern_id})
DELETE old CREATE (s)-[o:OF_PATTERN {strategy: 'fuzzy', confidence: 0.9, reason: 'alike', placed_at: $at}]->(p)
"""
_EDGES = """
MATCH (p:Pattern) WITH p ORDER BY p.pattern_id WITH collect(p) AS ps
UNWIND range(0, size(ps) - 2) AS i UNWIND range(i + 1, size(ps) - 1) AS j
WITH ps[i] AS a, ps[j] AS b
CREATE (a)-[:CO_OCCURS_WITH {score: 0.5, support: 3, algorithm: 'co_occurrence', algorithm_version: '1', run_id: 'r',
  computed_at: datetime(), sample_crash_ids: ['x'], lift: 2.0, expected: 1.0, window_seconds: 60.0, sites: 1}]->(b)
"""
_SOLUTIONS = """
MATCH (p:Pattern) WITH p ORDER BY p.pattern_id WITH collect(p) AS ps
CREATE (x:Solution {solution_id: 'x', description: 'restart'}), (y:Solution {solution_id: 'y', description: 'patch'})
FOREACH (p IN ps[0..3] | CREATE (x)-[:RESOLVES {worked: 2, failed: 1, avg_confidence: 0.5, confidence_count: 2}]->(p))
FOREACH (p IN ps[2..4] | CREATE (y)-[:RESOLVES {worked: 1, failed: 0}]->(p))
MERGE (e:Environment {environment_id: 'e', title: 'somewhere'})
FOREACH (p IN ps[1..3] | CREATE (x)-[:PROVEN_IN {pattern_id: p.pattern_id, applied_at: datetime('2026-01-01T00:00:00Z')}]->(e))
"""


async def world(container: Container) -> World:
    """Four patterns of three signatures each, with crashes of every severity, derived edges and solutions."""
    severities = ["low", "high", "medium", "critical"]
    rows = []
    patterns = []
    for number, place in enumerate(PLACES):
        batch = [
            submission(0, minute, report=traceback(f"Error{number}{kind}", "broken", f"{place}{kind}"), severity=severity)
            for kind, (minute, severity) in zip("ABC", [(number, severities[number]), (5, "low"), (9, "medium")], strict=True)
        ]
        receipts = await container.receiver.receive([*batch, submission(0, 30 + number, report=batch[0].report)])
        patterns.append(pattern_of(receipts[0]))
        crashes = [receipt.crash_id for receipt in receipts]
        text = "MATCH (c:Crash)-[:HAS_SIGNATURE]->(s) WHERE c.crash_id IN $ids RETURN DISTINCT s.exact AS exact"
        found = await container.graph.read(Statement(text, {"ids": crashes}))
        rows += [{"exact": row["exact"], "pattern_id": patterns[-1]} for row in found]
    await container.graph.write(Statement(_LAY, {"rows": rows, "at": datetime(2026, 3, 1, tzinfo=UTC)}))
    await container.graph.write(Statement("MATCH (p:Pattern) WHERE NOT EXISTS { (p)<-[:OF_PATTERN]-() } DETACH DELETE p"))
    await container.graph.write(Statement(_EDGES), Statement(_SOLUTIONS))
    await container.graph.write(query("verdicts/roll_up", ids=patterns))
    for pattern, severity in zip(patterns, ["medium", "high", "medium", "critical"], strict=True):
        await container.graph.write(
            Statement("MATCH (p:Pattern {pattern_id: $p}) SET p.severity = $s", {"p": pattern, "s": severity})
        )
    held = {pattern: [row["exact"] for row in rows if row["pattern_id"] == pattern] for pattern in patterns}
    assert [len(one) for one in held.values()] == [3, 3, 3, 3]
    return World(patterns, held)


async def homes(container: Container) -> dict[str, str]:
    rows = await container.graph.read(
        Statement("MATCH (s:Signature)-[:OF_PATTERN]->(p) RETURN s.exact AS s, p.pattern_id AS p")
    )
    assert len({row["s"] for row in rows}) == len(rows), "a signature has one pattern"
    return {row["s"]: row["p"] for row in rows}


async def pattern(container: Container, pattern_id: str) -> dict[str, Any]:
    (row,) = await container.graph.read(Statement("MATCH (p:Pattern {pattern_id: $id}) RETURN p {.*} AS p", {"id": pattern_id}))
    return dict(row["p"])


async def test_a_merge_moves_signatures_and_its_undo_is_the_identity(container: Container) -> None:
    there = await world(container)
    a, b, c, _ = there.patterns
    before = await whole(container.graph)
    merged = await container.verdicts.merge([a, b, f"Pattern:{c}"], actor=person("ann"), reason="one race")
    assert merged.pattern_id == a
    assert merged.pattern_ids == (a,)
    found = await homes(container)
    assert {found[exact] for id in (a, b, c) for exact in there.signatures[id]} == {a}
    standing = await pattern(container, a)
    assert standing["occurrence_count"] == 12
    assert standing["severity"] == "high"
    assert (await pattern(container, b))["status"] == "merged"
    [row] = await container.graph.read(
        Statement("MATCH (:Solution {solution_id: 'x'})-[r:RESOLVES]->(:Pattern {pattern_id: $a}) RETURN r", {"a": a})
    )
    assert row["r"]["worked"] >= 4
    assert await whole(container.graph) != before
    await container.verdicts.undo(merged.verdict.verdict_id, actor=person("bob"))
    assert await same_as(container.graph, before)


async def test_the_id_of_a_merged_pattern_means_the_other(container: Container) -> None:
    there = await world(container)
    a, b, c, _ = there.patterns
    await container.verdicts.same(a, b, actor=person("ann"))
    await container.verdicts.same(b, c, actor=person("ann"))
    assert set((await homes(container)).values()) == {a, there.patterns[3]}


async def test_new_crashes_of_a_merged_pattern_join_the_other(container: Container) -> None:
    one, other = await container.receiver.receive([submission(0), submission(1)])
    merged = await container.verdicts.same(pattern_of(one), pattern_of(other), actor=person("ann"))
    again = (await container.receiver.receive([submission(1, 7)]))[0]
    assert again.pattern_id == one.pattern_id
    await container.verdicts.undo(merged.verdict.verdict_id, actor=person("ann"))
    assert (await container.receiver.receive([submission(1, 8)]))[0].pattern_id == other.pattern_id
    assert (await pattern(container, pattern_of(other)))["occurrence_count"] == 3
    assert (await pattern(container, pattern_of(one)))["occurrence_count"] == 1


async def test_distinct_signatures_are_separated_and_cannot_be_joined(container: Container) -> None:
    there = await world(container)
    a, *_ = there.patterns
    first, second, third = there.signatures[a]
    before = await whole(container.graph)
    parted = await container.verdicts.different(first, second, actor=person("ann"), reason="other cause")
    found = await homes(container)
    assert found[first] == found[third] == a
    assert found[second] == parted.pattern_id != a
    with pytest.raises(ContradictionError) as refused:
        await container.verdicts.same(a, parted.pattern_id, actor=person("bob"))
    assert refused.value.verdict_id == parted.verdict.verdict_id
    with pytest.raises(ContradictionError):
        await container.verdicts.move(second, a, actor=person("bob"))
    await container.verdicts.undo(parted.verdict.verdict_id, actor=person("ann"))
    assert await same_as(container.graph, before)


@pytest.mark.parametrize("pattern_first", [True, False])
async def test_a_pattern_and_a_signature_are_called_different(container: Container, pattern_first: bool) -> None:
    there = await world(container)
    a, b, *_ = there.patterns
    for signature in (there.signatures[b][0], there.signatures[a][1]):
        before = await whole(container.graph)
        pair = (a, signature) if pattern_first else (signature, a)
        different = await container.verdicts.different(*pair, actor=person("ann"))
        assert (await homes(container))[signature] != a
        with pytest.raises(ContradictionError) as refused:
            await container.verdicts.move(signature, a, actor=person("bob"))
        assert refused.value.verdict_id == different.verdict.verdict_id
        await container.verdicts.undo(different.verdict.verdict_id, actor=person("ann"))
        assert await same_as(container.graph, before)


async def test_distinct_patterns_cannot_be_merged(container: Container) -> None:
    there = await world(container)
    a, b, c, _ = there.patterns
    different = await container.verdicts.different(a, b, actor=person("ann"))
    with pytest.raises(ContradictionError):
        await container.verdicts.merge([b, a], actor=person("bob"))
    await container.verdicts.merge([c, b], actor=person("bob"))
    with pytest.raises(ContradictionError, match=different.verdict.verdict_id):
        await container.verdicts.merge([c, a], actor=person("bob"))


async def test_signatures_called_the_same_cannot_be_called_different(container: Container) -> None:
    there = await world(container)
    a, b, *_ = there.patterns
    same = await container.verdicts.same(there.signatures[a][0], there.signatures[b][0], actor=person("ann"))
    with pytest.raises(ContradictionError) as refused:
        await container.verdicts.different(there.signatures[a][0], there.signatures[b][0], actor=person("bob"))
    assert refused.value.verdict_id == same.verdict.verdict_id


async def test_a_split_founds_a_pattern_and_its_undo_leaves_no_trace(container: Container) -> None:
    there = await world(container)
    a, *_ = there.patterns
    before = await whole(container.graph)
    split = await container.verdicts.split(a, there.signatures[a][:2], actor=person("ann"), name="the other race")
    assert split.pattern_id is not None
    made = await pattern(container, split.pattern_id)
    assert made["name"] == "the other race"
    assert made["occurrence_count"] + (await pattern(container, a))["occurrence_count"] == 4
    with pytest.raises(InvalidInputError, match="but not all"):
        await container.verdicts.split(a, there.signatures[a][2:], actor=person("ann"))
    await container.verdicts.undo(split.verdict.verdict_id, actor=person("ann"))
    assert await same_as(container.graph, before)


async def test_moving_the_last_signature_merges_a_pattern_into_the_other(container: Container) -> None:
    one, other = await container.receiver.receive([submission(0), submission(1)])
    before = await whole(container.graph)
    moved = await container.verdicts.move(f"Crash:{other.crash_id}", pattern_of(one), actor=person("ann"), reason="wrong match")
    assert set((await homes(container)).values()) == {one.pattern_id}
    assert (await pattern(container, pattern_of(other)))["status"] == "merged"
    await container.verdicts.undo(moved.verdict.verdict_id, actor=person("ann"))
    assert await same_as(container.graph, before)


async def test_undo_names_the_later_verdict_to_undo_first(container: Container) -> None:
    there = await world(container)
    a, b, c, _ = there.patterns
    before = await whole(container.graph)
    first = await container.verdicts.merge([a, b], actor=person("ann"))
    second = await container.verdicts.split(a, [there.signatures[b][0]], actor=person("bob"))
    with pytest.raises(ContradictionError) as refused:
        await container.verdicts.undo(first.verdict.verdict_id, actor=person("ann"))
    assert refused.value.verdict_id == second.verdict.verdict_id
    third = await container.verdicts.merge([a, c], actor=person("cy"))
    for one in (second, first, third):
        await container.verdicts.undo(one.verdict.verdict_id, actor=person("ann"))
    assert await same_as(container.graph, before)
    with pytest.raises(InvalidInputError, match="already by person:ann"):
        await container.verdicts.undo(first.verdict.verdict_id, actor=person("ann"))


@pytest.mark.parametrize("seed", range(6))
async def test_verdicts_undone_in_any_order_return_to_the_start(container: Container, seed: int) -> None:
    chance = random.Random(seed)
    await world(container)
    before = await whole(container.graph)
    standing: list[str] = []
    given = 0
    for _ in range(14):
        if standing and chance.random() < 0.3:
            standing = await undo_some(container, standing, chance)
        else:
            outcome = await give_some(container, chance)
            standing += [outcome.verdict.verdict_id] if outcome else []
            given += outcome is not None
        await check_sound(container)
    assert given >= 5
    while standing:
        standing = await undo_some(container, standing, chance)
        await check_sound(container)
    assert await same_as(container.graph, before)


async def give_some(container: Container, chance: random.Random) -> VerdictResult | None:
    found = await homes(container)
    exacts, patterns = sorted(found), sorted(set(found.values()))
    one, other = chance.sample(exacts, 2)
    a, b = chance.choice(patterns), chance.choice(patterns)
    mine = [exact for exact in exacts if found[exact] == a]
    verdicts = container.verdicts
    try:
        kind = chance.choice(["same", "same", "merge", "different", "different", "split", "move", "not", "distinct"])
        if kind == "same":
            return await verdicts.same(one, other, actor=person("ann"), reason="same")
        if kind == "merge":
            return await verdicts.merge([a, b], actor=person("ann"), reason="merge")
        if kind == "different":
            return await verdicts.different(one, other, actor=person("ann"))
        if kind == "distinct":
            return await verdicts.different(a, b, actor=person("ann"))
        if kind == "split":
            return await verdicts.split(a, mine[: chance.randint(1, len(mine))], actor=person("ann"))
        if kind == "move":
            return await verdicts.move(one, b, actor=person("ann"))
        return await verdicts.not_caused_by(a, b, actor=person("ann"))
    except (ContradictionError, InvalidInputError):
        return None


async def undo_some(container: Container, standing: list[str], chance: random.Random) -> list[str]:
    """Undo one verdict, or the later one that must be undone first."""
    chosen = chance.choice(standing)
    for _ in range(len(standing)):
        try:
            await container.verdicts.undo(chosen, actor=person("bob"))
        except ContradictionError as error:
            chosen = error.verdict_id
        else:
            return [one for one in standing if one != chosen]
    raise AssertionError("no verdict could be undone")


async def check_sound(container: Container) -> None:
    """Every signature has one pattern in force, every count is right, and no distinct pair shares a pattern."""
    text = """
    MATCH (p:Pattern) WHERE NOT EXISTS { (p)-[:SAME_AS]->(:Pattern) }
    RETURN p.pattern_id AS id, p.status AS status, p.occurrence_count AS stored, COUNT { (p)<-[:OF_PATTERN]-() } AS signatures,
           COUNT { (p)<-[:OF_PATTERN]-(:Signature)<-[:HAS_SIGNATURE]-(:Crash) } AS counted
    """
    for row in await container.graph.read(Statement(text)):
        assert row["stored"] == row["counted"], row
        assert row["signatures"] > 0, row
        assert row["status"] == "open", row
    apart = """
    MATCH (a:Signature)-[:OF_PATTERN]->(p)<-[:OF_PATTERN]-(b:Signature)
    WHERE EXISTS { (a)-[:DISTINCT_FROM]-(b) } OR EXISTS { (a)-[:DISTINCT_FROM]-(p) } RETURN count(*) AS n
    """
    assert await container.graph.read(Statement(apart)) == [{"n": 0}]
    assert len(await homes(container)) == 12


async def test_concurrent_verdicts_take_turns(container: Container) -> None:
    there = await world(container)
    a, b, c, d = there.patterns
    before = await whole(container.graph)
    verdicts = container.verdicts
    given = await asyncio.gather(*(verdicts.merge([a, other], actor=person(f"person {other}")) for other in (b, c, d)))
    assert set((await homes(container)).values()) == {a}
    assert sorted(one.verdict.ordinal for one in await everything(container)) == [1, 2, 3]
    await asyncio.gather(*(verdicts.undo(one.verdict.verdict_id, actor=person("ann")) for one in given))
    assert await same_as(container.graph, before)


async def everything(container: Container) -> list[Any]:
    rows = await container.graph.read(Statement("MATCH (v:Verdict) RETURN v {.*} AS v"))
    return [SimpleNamespace(verdict=SimpleNamespace(**row["v"])) for row in rows]


async def test_unknown_names_are_refused(container: Container) -> None:
    there = await world(container)
    with pytest.raises(NotFoundError, match="nothing-like-it"):
        await container.verdicts.same(there.patterns[0], "nothing-like-it", actor=person("ann"))
    with pytest.raises(InvalidInputError, match="onBehalfOf"):
        await container.verdicts.same(*there.patterns[:2], actor=person("ann").acting_for(" "))
    with pytest.raises(NotFoundError, match="no verdict"):
        await container.verdicts.undo("none", actor=person("ann"))
