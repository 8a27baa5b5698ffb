"""Requests take turns; batches are bounded and hold one kind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import pytest
from reports import submission

from crashgraph.http_ingest import turns as turns_module
from crashgraph.http_ingest.turns import Batch, Turn, Turns, portions_of
from crashgraph.spool import Portion
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.model.actor import INGEST, Actor, person
from graph.model.errors import UnavailableError
from graph.model.origin import NOWHERE, Origin, request_from
from graph.redaction.redactor import Redactor

BUILDER = CrashBuilder(Redactor(b"k" * 32))
MANY = [one for number in range(4) for one in BUILDER.prepare(submission(number, number), datetime.now(UTC))]


def crashes(count: int) -> list[PreparedCrash]:
    return [MANY[number % len(MANY)] for number in range(count)]


class Spooled:
    """Turns over records in memory."""

    def __init__(self) -> None:
        self.records: dict[int, Portion | None] = {}
        self.turns = Turns(self.read)
        self.while_reading: Callable[[], object] = lambda: None

    async def read(self, number: int) -> Portion | None:
        self.while_reading()
        return self.records[number]

    def write(self, count: int, actor: Actor = INGEST) -> tuple[list[int], list[Portion]]:
        portions = list(portions_of(crashes(count), actor, 100))
        numbers = list(range(len(self.records), len(self.records) + len(portions)))
        self.records.update(zip(numbers, portions, strict=True))
        return numbers, portions

    def request(self, count: int, actor: Actor = INGEST, candidates: int = 0) -> Turn:
        numbers, portions = self.write(count, actor)
        return self.wait(dict(zip(numbers, portions, strict=True)), candidates)

    def wait(self, portions: dict[int, Portion], candidates: int = 0) -> Turn:
        counts = {number: len(portion.crashes) for number, portion in portions.items()}
        return self.turns.wait(counts, portions, candidates, 0.0, self.turns.version)

    def leave(self, count: int, actor: Actor = INGEST) -> None:
        self.turns.leave(self.write(count, actor)[0])

    async def batches(self, reports: int, signatures: int = 100) -> list[list[int]]:
        """The records of every batch until nothing is left."""
        made = []
        while (batch := await self.turns.next_batch(reports, signatures)).records:
            made.append([record.number for record in batch.records])
        return made


@pytest.mark.parametrize(
    ("senders", "expected"),
    [
        ([Origin("a", "192.0.2.1")], Origin("a", "192.0.2.1")),
        ([Origin("a", "192.0.2.1"), Origin("b", "192.0.2.1")], Origin(None, "192.0.2.1")),
        ([Origin("a", "192.0.2.1"), Origin("b", "192.0.2.2")], NOWHERE),
    ],
    ids=["one request", "one address", "several addresses"],
)
async def test_a_batch_comes_from_where_all_its_reports_came_from(senders: list[Origin], expected: Origin) -> None:
    spooled = Spooled()
    for origin in senders:
        with request_from(origin):
            spooled.request(1)
    assert (await spooled.turns.next_batch(200)).origin == expected


async def test_a_small_request_does_not_wait_for_a_large_one() -> None:
    spooled = Spooled()
    large = spooled.request(1_000)
    first = await spooled.turns.next_batch(200)
    small = [spooled.request(1), spooled.request(2)]
    second = await spooled.turns.next_batch(200)
    assert {record.turn for record in first.records} == {large}
    assert [record.turn for record in second.records] == [large, *small]
    assert len(second.crashes) == 103
    rest = await spooled.batches(200)
    assert sum(map(len, rest)) == 7


async def test_the_backlog_is_one_of_many() -> None:
    spooled = Spooled()
    spooled.leave(1_000)
    request = spooled.request(1)
    batch = await spooled.turns.next_batch(200)
    assert request in {record.turn for record in batch.records}
    assert len(batch.records) == 2


async def test_a_batch_has_one_actor_and_number_of_candidates() -> None:
    spooled = Spooled()
    spooled.request(300, person("ann"))
    spooled.request(1, person("bob"))
    spooled.request(1, person("ann"), candidates=3)
    spooled.leave(1, person("bob"))
    kinds = []
    while (batch := await spooled.turns.next_batch(150)).records:
        assert {record.portion.actor for record in batch.records} == {batch.actor}
        kinds.append((batch.actor.name, batch.candidates, len(batch.crashes)))
    assert kinds == [("ann", 0, 100), ("bob", 0, 2), ("ann", 3, 1), ("ann", 0, 100), ("ann", 0, 100)]


@pytest.mark.parametrize(("characters", "signatures"), [(900, 100), (1 << 20, 2)])
async def test_batches_are_bounded(monkeypatch: pytest.MonkeyPatch, characters: int, signatures: int) -> None:
    monkeypatch.setattr(turns_module, "BATCH_CHARACTERS", characters)
    spooled = Spooled()
    for crash in MANY:
        number = len(spooled.records)
        spooled.records[number] = Portion(INGEST, (crash,))
        spooled.wait({number: Portion(INGEST, (crash,))})
    batches = await spooled.batches(100, signatures)
    assert sorted(number for batch in batches for number in batch) == [0, 1, 2, 3]
    assert 1 < len(batches) < 4


def test_portions_are_bounded_and_keep_the_order() -> None:
    sent = crashes(250)
    portions = list(portions_of(sent, INGEST, 1_000))
    assert [len(portion.crashes) for portion in portions] == [100, 100, 50]
    assert [crash for portion in portions for crash in portion.crashes] == sent
    assert [len(portion.crashes) for portion in portions_of(sent, INGEST, 7)][:2] == [7, 7]
    long = [replace(one, crash=replace(one.crash, report="x" * 200_000)) for one in crashes(3)]
    assert [len(portion.crashes) for portion in portions_of(long, INGEST, 100)] == [1, 1, 1]


async def test_what_could_not_be_stored_comes_first_again() -> None:
    spooled = Spooled()
    request = spooled.request(300)
    batch = await spooled.turns.next_batch(200)
    spooled.turns.give_back(batch.records)
    assert await spooled.batches(200) == [[0, 1], [2]]
    assert not request.numbers


async def test_a_request_that_gives_up_leaves_its_records_and_the_memory() -> None:
    spooled = Spooled()
    later = Turns(spooled.read)
    spooled.turns = Turns(spooled.read, later)
    request = spooled.request(300)
    batch = await spooled.turns.next_batch(100)
    spooled.turns.abandon(request)
    assert not request.portions
    assert not spooled.turns.waited_for()
    spooled.turns.give_back(batch.records)
    assert await spooled.batches(1_000) == []
    batch = await later.next_batch(1_000)
    assert [record.number for record in batch.records] == [0, 1, 2]


async def test_a_record_that_cannot_be_read_is_left_out() -> None:
    spooled = Spooled()
    spooled.leave(300)
    spooled.records[1] = None
    assert await spooled.batches(1_000) == [[0, 2]]


async def test_a_turn_is_answered_with_its_last_record() -> None:
    spooled = Spooled()
    request = spooled.request(150)
    answered = request.answered
    assert answered is not None
    request.store(1, [], 3.0)
    assert (answered.done(), request.progress_at) == (False, 3.0)
    request.store(0, [], 4.0)
    assert answered.done()


def test_a_record_that_is_too_large_alone_is_a_batch() -> None:
    (portion,) = portions_of(crashes(50), INGEST, 100)
    batch = Batch(10)
    turn = Turn(deque([0]), {}, 0, 0.0)
    assert batch.add(turn, 0, portion)
    assert batch.is_full


async def test_a_request_may_give_up_while_a_batch_is_filled() -> None:
    spooled = Spooled()
    spooled.request(1)
    other = spooled.request(1, person("anna"))
    spooled.leave(2)
    spooled.while_reading = lambda: spooled.turns.abandon(other)
    assert sorted(chain.from_iterable(await spooled.batches(50))) == [0, 1, 2]


async def test_a_request_may_give_up_while_its_own_record_is_read() -> None:
    spooled = Spooled()
    turn = spooled.request(1)
    spooled.turns.version += 1
    spooled.while_reading = lambda: spooled.turns.abandon(turn)
    assert await spooled.batches(50) == [[0]]


async def test_a_spool_that_cannot_be_read_for_a_moment_costs_no_turn() -> None:
    def fail() -> None:
        raise UnavailableError("the disk")

    spooled = Spooled()
    spooled.request(1)
    spooled.leave(1)
    spooled.while_reading = fail
    with pytest.raises(UnavailableError):
        await spooled.turns.next_batch(50)
    spooled.while_reading = lambda: None
    assert sorted(chain.from_iterable(await spooled.batches(50))) == [0, 1]
