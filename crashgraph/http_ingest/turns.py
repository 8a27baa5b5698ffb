"""Who is stored next: requests take turns, a portion each, and what no request waits for has one turn too."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crashgraph.spool import Portion
from graph.ingest.prepare import PreparedCrash
from graph.ingest.receipt import Receipt
from graph.model.actor import Actor
from graph.model.origin import NOWHERE, Origin, current_origin

PORTION_REPORTS = 100
PORTION_CHARACTERS = 1 << 18
BATCH_CHARACTERS = 4 << 20
BATCH_SIGNATURES = 100
"""Different signatures in one batch, with at most 64 frames each: new ones are what takes time."""


@dataclass(slots=True, eq=False, repr=False)
class Turn:
    """The records of one request, or of the backlog, that are still to be stored.

    ``portions`` are those in memory, as they were in the spool at ``version``; others are read from there. ``counts`` are the
    reports of each record of the request. ``answered`` is done once every record has its receipts; it is ``None`` if no request
    waits. ``progress_at`` is when the last record got them (in the event loop's time).
    """

    numbers: deque[int]
    portions: dict[int, Portion]
    candidates: int
    progress_at: float
    answered: asyncio.Future[None] | None = None
    counts: dict[int, int] = field(default_factory=dict)
    receipts: dict[int, list[Receipt]] = field(default_factory=dict)
    has_turn: bool = False
    version: int = 0
    origin: Origin = NOWHERE
    """The request; that of what waits in the backlog is not known any more."""

    def store(self, number: int, receipts: Sequence[Receipt], now: float) -> None:
        """Take note of the receipts of a record, if a request waits for them."""
        if self.answered is None:
            return
        self.receipts[number] = list(receipts)
        self.progress_at = now
        if len(self.receipts) == len(self.counts) and not self.answered.done():
            self.answered.set_result(None)


@dataclass(frozen=True, slots=True)
class Taken:
    """One record of a batch."""

    turn: Turn
    number: int
    portion: Portion


class Batch:
    """Records of one kind for one transaction: bounded in reports, characters and different signatures."""

    def __init__(self, reports: int, signatures: int = BATCH_SIGNATURES) -> None:
        """``reports`` and ``signatures`` are the most of them, unless a single record has more."""
        self.records: list[Taken] = []
        self._reports = reports
        self._characters = BATCH_CHARACTERS
        self._most_signatures = signatures
        self._signatures: set[str] = set()

    @property
    def crashes(self) -> list[PreparedCrash]:
        """All of them, in order."""
        return [crash for record in self.records for crash in record.portion.crashes]

    @property
    def actor(self) -> Actor:
        """Who sent all of them."""
        return self.records[0].portion.actor

    @property
    def origin(self) -> Origin:
        """Where all of them came from: the request, or of several requests the address, if it is one."""
        origins = {record.turn.origin for record in self.records}
        addresses = {origin.address for origin in origins}
        if len(origins) == 1:
            return origins.pop()
        return Origin(address=addresses.pop()) if len(addresses) == 1 else NOWHERE

    @property
    def candidates(self) -> int:
        """How many candidates each receipt has."""
        return self.records[0].turn.candidates

    @property
    def is_full(self) -> bool:
        """True if nothing more fits."""
        return self._reports <= 0 or self._characters <= 0

    def is_of_kind(self, turn: Turn, portion: Portion) -> bool:
        """Whether a record has the actor and the number of candidates of the others."""
        return not self.records or (portion.actor, turn.candidates) == (self.actor, self.candidates)

    def add(self, turn: Turn, number: int, portion: Portion) -> bool:
        """Add a record; false if it does not fit."""
        reports = self._reports - len(portion.crashes)
        characters = self._characters - sum(map(_length, portion.crashes))
        signatures = self._signatures | {crash.fingerprint.exact for crash in portion.crashes if crash.fingerprint}
        full = reports < 0 or characters < 0 or len(signatures) > self._most_signatures
        if self.records and (full or not self.is_of_kind(turn, portion)):
            return False
        self._reports, self._characters, self._signatures = reports, characters, signatures
        self.records.append(Taken(turn, number, portion))
        return True


class Turns:
    """The requests that wait, in a ring, and the backlog among them."""

    def __init__(self, read: Callable[[int], Awaitable[Portion | None]], later: Turns | None = None) -> None:
        """``read`` gets a portion from the spool; ``later`` gets what no request waits for any more."""
        self.arrived = asyncio.Event()
        """Set when there is something to store."""
        self.version = 0
        """Of the spool; what is in memory from another one may have changed, and is read again."""
        self._read = read
        self._later = later or self
        self._ring: deque[Turn] = deque()
        self._backlog = Turn(deque(), {}, 0, 0.0)

    def wait(
        self, counts: Mapping[int, int], portions: Mapping[int, Portion], candidates: int, now: float, version: int
    ) -> Turn:
        """A turn for a request that waits for the receipts of records.

        ``portions`` are those it has in memory, as they were in the spool at ``version``.
        """
        answered = asyncio.get_running_loop().create_future()
        if not counts:
            answered.set_result(None)
        turn = Turn(
            deque(counts), dict(portions), candidates, now, answered, dict(counts), version=version, origin=current_origin()
        )
        self._join(turn)
        return turn

    def leave(self, numbers: Iterable[int]) -> None:
        """Add to the backlog: no request waits for these records."""
        self._backlog.numbers.extend(numbers)
        self._join(self._backlog)

    def abandon(self, turn: Turn) -> None:
        """Move what is left of a turn to the backlog, and out of memory."""
        turn.portions.clear()
        self._later.leave(turn.numbers)
        turn.numbers.clear()
        turn.answered = None

    def give_back(self, records: Sequence[Taken], *, last: bool = False) -> None:
        """Put records that could not be stored in front again; with ``last`` behind all others."""
        for record in records if last else reversed(records):
            if record.turn.answered is None:
                self._later.put_back(record.number, last=last)
            else:
                record.turn.portions[record.number] = record.portion
                self.put_back(record.number, record.turn, last=last)

    def put_back(self, number: int, turn: Turn | None = None, *, last: bool = False) -> None:
        """Put a record in front of its turn again, or behind the others; of the backlog if no turn is given."""
        turn = turn or self._backlog
        if last:
            turn.numbers.append(number)
        else:
            turn.numbers.appendleft(number)
        self._join(turn, first=not last)

    def waited_for(self) -> bool:
        """Whether any request waits for a record that has its turn to come."""
        return any(turn.answered is not None and turn.numbers for turn in self._ring)

    async def next_batch(self, reports: int, signatures: int = BATCH_SIGNATURES) -> Batch:
        """One portion of each in turn, until the batch is full or nothing fits; empty if nothing is left."""
        batch = Batch(reports, signatures)
        try:
            await self._fill(batch)
        except BaseException:
            self.give_back(batch.records)
            raise
        return batch

    async def _fill(self, batch: Batch) -> None:
        passed = 0
        other: Turn | None = None
        while passed < len(self._ring) and not batch.is_full:
            turn = self._ring[0]
            if not turn.numbers:
                self._ring.popleft()
                turn.has_turn = False
                continue
            portion = await self._portion(turn)
            if portion is None:
                continue
            if batch.add(turn, turn.numbers[0], portion):
                turn.portions.pop(turn.numbers.popleft(), None)
                passed = 0
            else:
                passed += 1
                if other is None and not batch.is_of_kind(turn, portion):
                    other = turn
            self._ring.rotate(-1)
        if other is not None and other.has_turn:
            # Those of another kind begin the next batch.
            self._ring.remove(other)
            self._ring.appendleft(other)

    def _join(self, turn: Turn, *, first: bool = False) -> None:
        if turn.numbers:
            self.arrived.set()
        if turn.numbers and not turn.has_turn:
            turn.has_turn = True
            if first:
                self._ring.appendleft(turn)
            else:
                self._ring.append(turn)

    async def _portion(self, turn: Turn) -> Portion | None:
        """The first portion of a turn; ``None`` if it cannot be read, and is left out, or its request has given up."""
        number = turn.numbers[0]
        if turn.version != self.version:
            turn.portions.clear()
            turn.version = self.version
        if number in turn.portions:
            return turn.portions[number]
        portion = await self._read(number)
        if not turn.numbers:
            return None
        if portion is None:
            turn.numbers.popleft()
            turn.store(number, [], turn.progress_at)
        else:
            turn.portions[number] = portion
        return portion


def portions_of(crashes: Iterable[PreparedCrash], actor: Actor, most: int) -> Iterator[Portion]:
    """Crashes in portions of at most ``most`` reports, bounded in characters too."""
    group: list[PreparedCrash] = []
    characters = 0
    for crash in crashes:
        characters += _length(crash)
        if group and (len(group) >= min(most, PORTION_REPORTS) or characters > PORTION_CHARACTERS):
            yield Portion(actor, tuple(group))
            group, characters = [], _length(crash)
        group.append(crash)
    if group:
        yield Portion(actor, tuple(group))


def _length(crash: PreparedCrash) -> int:
    return len(crash.crash.report)
