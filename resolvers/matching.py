"""The ports through which reports are matched and stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from graph.ingest.receipt import MatchAnswer, Receipt
from graph.model.actor import INGEST, Actor, Scope
from graph.model.permissions import needs
from graph.sources.submission import Submission


class Matcher(Protocol):
    """The cascade without storing."""

    @needs(Scope.READ)
    async def match(self, submission: Submission, candidates: int) -> list[MatchAnswer]:
        """One answer per failure in the report, each with up to ``candidates`` considered patterns, best first.

        Raises ``InvalidInputError`` for a submission without a report or an exception.
        """
        ...


class Receiver(Protocol):
    """The ingest pipeline."""

    @needs(Scope.REPORT)
    async def receive(self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Store reports. Receipts, one per failure, in input order."""
        ...

    @needs(Scope.REPORT)
    async def receive_each(
        self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST
    ) -> list[list[Receipt]]:
        """Store reports. A list of receipts per submission; ``BusyError`` if too many wait."""
        ...
