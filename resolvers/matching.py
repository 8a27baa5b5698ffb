"""What the use cases need of ingest: to be told where a report would go, and to have it stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from graph.ingest.receipt import MatchAnswer, Receipt
from graph.model.actor import INGEST, Actor
from graph.sources.submission import Submission


class Matcher(Protocol):
    """The cascade without storing."""

    async def match(self, submission: Submission, candidates: int) -> list[MatchAnswer]:
        """One answer per failure found in the report, each with up to ``candidates`` patterns considered, best first.

        Raises ``InvalidInputError`` for a submission without a report or an exception.
        """
        ...


class Receiver(Protocol):
    """The way of a report into the graph."""

    async def receive(self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Store reports and say where each failure in them was put, in input order."""
        ...

    async def receive_each(
        self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST
    ) -> list[list[Receipt]]:
        """The same, with a list for each submission. ``BusyError`` when too many wait."""
        ...
