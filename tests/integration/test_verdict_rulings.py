"""Rulings, vetoes for jobs, and training data from verdicts, on a real graph."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from reports import pattern_of, submission
from test_verdicts import homes, pattern, traceback, world
from whole_graph import same_as, whole

from crashgraph.wiring import Container
from graph.fingerprint.compute import Fingerprint
from graph.knowledge.verdicts.pairs import verdict_pairs
from graph.matching.rulings import ALIKE, SURE, rulings_by_hash
from graph.model.actor import INGEST, person
from graph.model.statement import Statement


def fingerprint(container: Container, error: str, message: str, place: str) -> Fingerprint:
    """The fingerprint of a report."""
    (prepared,) = container.receiver.crash_builder.prepare(
        submission(0, report=traceback(error, message, place)), datetime.now(UTC)
    )
    assert prepared.fingerprint is not None
    return prepared.fingerprint


async def test_a_graph_without_verdicts_has_no_rulings(container: Container) -> None:
    await world(container)
    assert await rulings_by_hash(container.graph, [fingerprint(container, "Error0A", "broken", "db.poolA")]) == {}


async def test_a_verdict_applies_to_its_signature_and_to_those_with_its_structure(container: Container) -> None:
    there = await world(container)
    a, b, *_ = there.patterns
    mine = fingerprint(container, "Error0A", "broken", "db.poolA")
    alike = fingerprint(container, "Error0A", "quite another message", "db.poolA")
    other = fingerprint(container, "Error0C", "broken", "db.poolC")
    assert mine.exact in there.signatures[a]
    assert mine.structural == alike.structural
    moved = await container.verdicts.move(mine.exact, b, actor=person("ann"), reason="seen in the log")
    ruled = await rulings_by_hash(container.graph, [mine, alike, other])
    assert ruled.keys() == {mine.exact, alike.exact}
    assert (ruled[mine.exact].pattern_id, ruled[mine.exact].confidence) == (b, SURE)
    assert (ruled[alike.exact].pattern_id, ruled[alike.exact].confidence) == (b, ALIKE)
    assert ruled[alike.exact].forbidden == {a}
    assert set(ruled[alike.exact].verdict_ids) == {moved.verdict.verdict_id}
    await container.verdicts.undo(moved.verdict.verdict_id, actor=person("ann"))
    assert await rulings_by_hash(container.graph, [mine, alike, other]) == {}


async def test_a_structure_in_two_patterns_carries_no_verdict(container: Container) -> None:
    one, two = fingerprint(container, "Error", "no disk", "a.b"), fingerprint(container, "Error", "wrong password given", "a.b")
    new = fingerprint(container, "Error", "something else entirely", "a.b")
    await container.receiver.receive(
        [submission(0, n, report=traceback("Error", m, "a.b")) for n, m in enumerate(["no disk", "wrong password given"])]
    )
    await container.verdicts.different(one.exact, two.exact, actor=person("ann"))
    found = await homes(container)
    ruled = await rulings_by_hash(container.graph, [one, two, new])
    assert new.exact not in ruled
    assert found[two.exact] in ruled[one.exact].forbidden
    assert found[one.exact] in ruled[two.exact].forbidden


async def test_different_patterns_are_forbidden_to_each_other(container: Container) -> None:
    there = await world(container)
    a, b, *_ = there.patterns
    await container.verdicts.different(a, b, actor=person("ann"))
    mine = fingerprint(container, "Error0A", "broken", "db.poolA")
    alike = replace(mine, exact="0" * 64)
    ruled = await rulings_by_hash(container.graph, [mine, alike])
    assert [(one.pattern_id, one.forbidden) for one in ruled.values()] == [(None, frozenset({b}))] * 2


async def test_verdicts_are_training_data(container: Container) -> None:
    there = await world(container)
    a, b, c, d = there.patterns
    first = await container.verdicts.same(there.signatures[a][0], there.signatures[b][0], actor=person("ann"))
    await container.verdicts.different(c, d, actor=person("ann"))
    pairs = await verdict_pairs(container.graph, limit=2)
    same = [{one.a["exact"], one.b["exact"]} for one in pairs if one.same]
    assert {there.signatures[a][0], there.signatures[b][0]} in same
    assert all(one & set(there.signatures[a]) and one & set(there.signatures[b]) for one in same)
    different = [{one.a["exact"], one.b["exact"]} for one in pairs if not one.same]
    assert len(different) == 4
    assert all(one & set(there.signatures[c]) and one & set(there.signatures[d]) for one in different)
    assert all(len(one.a["embedding"]) == 384 and one.a["frames"] and one.a["text"] for one in pairs)
    later = await verdict_pairs(container.graph, after=first.verdict.ordinal)
    assert [one.same for one in later] == [False] * len(later)
    await container.verdicts.undo(first.verdict.verdict_id, actor=person("ann"))
    assert not any(one.same for one in await verdict_pairs(container.graph))


async def test_a_writer_that_decided_before_a_merge_stores_in_the_surviving_pattern(container: Container) -> None:
    """The decision names a pattern that is merged before the write."""
    one, other = await container.receiver.receive([submission(0), submission(1)])
    fresh = container.receiver.crash_builder.prepare(submission(2), datetime.now(UTC))
    signature_matcher = container.matcher.signature_matcher
    decided = await signature_matcher.match(item.fingerprint for item in fresh)
    (exact,) = decided
    late = {exact: replace(decided[exact], pattern_id=other.pattern_id, strategy="semantic")}
    await container.verdicts.merge([pattern_of(one), pattern_of(other)], actor=person("ann"))
    written = await container.receiver._write(fresh, late, INGEST)
    assert written[exact].pattern_id == one.pattern_id
    assert (await homes(container))[exact] == one.pattern_id
    assert (await pattern(container, one.pattern_id))["occurrence_count"] == 3
    assert (await pattern(container, pattern_of(other))).get("occurrence_count") is None


async def test_ingest_while_people_merge_loses_nothing(container: Container) -> None:
    receipts = await container.receiver.receive([submission(n) for n in range(4)])
    ids = [pattern_of(receipt) for receipt in receipts]

    async def write(start: int) -> None:
        for number in range(6):
            await container.receiver.receive([submission(bug, start + number) for bug in range(4)])

    merging = container.verdicts.merge(ids, actor=person("ann"))
    await asyncio.gather(write(100), write(200), merging, write(300))
    assert set((await homes(container)).values()) == {ids[0]}
    assert (await pattern(container, ids[0]))["occurrence_count"] == 4 + 3 * 6 * 4
    [row] = await container.graph.read(
        Statement("MATCH (c:Crash) WHERE NOT EXISTS { (c)-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->() } RETURN count(*) AS n")
    )
    assert row["n"] == 0


async def test_storing_again_changes_nothing_after_verdicts(container: Container) -> None:
    batch = [submission(n % 4, n) for n in range(8)]
    receipts = await container.receiver.receive(batch)
    await container.verdicts.merge([pattern_of(receipts[0]), pattern_of(receipts[1])], actor=person("ann"))
    await container.verdicts.different(pattern_of(receipts[2]), pattern_of(receipts[3]), actor=person("ann"))
    before = await whole(container.graph)
    await container.receiver.receive(batch)
    assert await same_as(container.graph, before)


async def test_eight_writers_of_one_new_bug_make_one_pattern(container: Container) -> None:
    await asyncio.gather(*(container.receiver.receive([submission(0, 10 * n), submission(0, 10 * n + 1)]) for n in range(8)))
    assert len(set((await homes(container)).values())) == 1
    [row] = await container.graph.read(Statement("MATCH (p:Pattern) RETURN count(p) AS n, max(p.occurrence_count) AS crashes"))
    assert row == {"n": 1, "crashes": 16}
