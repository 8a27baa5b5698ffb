"""What a request leaves in the spool, and the receipts it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

from crashgraph.http_ingest.turns import portions_of
from crashgraph.spool import Portion, encode
from graph.ingest.prepare import PreparedCrash
from graph.ingest.preparer import has_parts
from graph.ingest.receipt import Receipt, queued_receipt
from graph.model.actor import Actor
from graph.sources.submission import Submission

SLICE_CHARACTERS = 4 << 20
SLICE_SUBMISSIONS = 2_000
"""Submissions of one request beyond these are prepared and written after the others."""


class Record(NamedTuple):
    """A record for the spool, with the receipts of its reports while they are only there."""

    content: bytes
    queued: Sequence[Receipt]


@dataclass(slots=True)
class Accepted:
    """What one request left in the spool so far.

    ``numbers`` and ``size`` are of its records. ``portions`` are those kept in memory, as in the spool at ``version``;
    the others are read when it is their turn. ``queued`` are the receipts of reports that are not stored yet, in order and by
    record; a long text of many reports has one receipt, without a record, and its records are ``left`` to the backlog.
    ``groups`` are the receipts per submission.
    """

    numbers: list[int] = field(default_factory=list)
    size: int = 0
    portions: dict[int, Portion] = field(default_factory=dict)
    version: int = 0
    queued: list[tuple[int | None, Sequence[Receipt]]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    @property
    def counts(self) -> dict[int, int]:
        """The reports of each record that the request waits for."""
        return {number: len(queued) for number, queued in self.queued if number is not None}

    def receipts(self, stored: Mapping[int, Sequence[Receipt]]) -> list[list[Receipt]]:
        """Receipts per submission; ``stored`` are those of the records that are in the graph."""
        ordered = chain.from_iterable(self._of_record(stored.get(number or 0, ()), queued) for number, queued in self.queued)
        return [list(islice(ordered, count)) for count in self.groups]

    @staticmethod
    def _of_record(stored: Sequence[Receipt], queued: Sequence[Receipt]) -> Sequence[Receipt]:
        # A record may have lost crashes to a deletion; who sent them learns only that they were accepted.
        return stored if len(stored) == len(queued) else queued


def slices(submissions: Sequence[Submission]) -> Iterator[list[Submission]]:
    """Submissions in order, as many at a time as are prepared together; a long text alone."""
    group: list[Submission] = []
    characters = 0
    for submission in submissions:
        is_long = has_parts(submission)
        if group and (is_long or len(group) >= SLICE_SUBMISSIONS or characters >= SLICE_CHARACTERS):
            yield group
            group, characters = [], 0
        if is_long:
            yield [submission]
        else:
            group.append(submission)
            characters += len(submission.report or "")
    if group:
        yield group


def records_of(actor: Actor, most: int, crashes: Sequence[PreparedCrash]) -> list[Record]:
    """The records of crashes, with at most so many reports each."""
    return [record_of(portion) for portion in portions_of(crashes, actor, most)]


def record_of(portion: Portion) -> Record:
    """The record of a portion."""
    return Record(encode(portion), tuple(map(queued_receipt, portion.crashes)))
