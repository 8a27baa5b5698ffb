"""Entries of the record of who did what, beside those that come with domain events."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graph.knowledge.audit import audit_statement
from graph.model.actor import Actor
from graph.model.audit import Outcome
from graph.model.errors import GraphError
from graph.model.statement import Statement
from graph.ports import Graph
from graph.redaction.redactor import public_text

log = logging.getLogger(__name__)

REPEAT_SECONDS = 60.0
"""A refusal of the same actor, action and address within that time is only counted."""
MOST_REMEMBERED = 5_000


def audited(
    actor: Actor,
    action: str,
    subjects: Sequence[str] = (),
    *,
    outcome: Outcome = Outcome.DONE,
    detail: str = "",
    count: int | None = None,
) -> Statement:
    """Adds an entry, in the transaction of what it describes; the detail is redacted here."""
    return audit_statement(actor, action, subjects, outcome=outcome, detail=public_text(detail), count=count)


@dataclass(slots=True)
class _Refusals:
    recorded_at: float
    unrecorded: int = 0


class Refusals:
    """Which refusals were recorded lately, so that a flood of them does not fill the graph. ``clock`` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """None yet."""
        self._clock = clock
        self._seen: OrderedDict[tuple[object, ...], _Refusals] = OrderedDict()

    def due(self, *what: object) -> int:
        """How many refusals an entry would stand for; 0 if none is due."""
        now = self._clock()
        seen = self._seen.get(what)
        if seen is not None and now - seen.recorded_at < REPEAT_SECONDS:
            seen.unrecorded += 1
            return 0
        while len(self._seen) >= MOST_REMEMBERED:
            self._seen.popitem(last=False)
        self._seen[what] = _Refusals(now)
        self._seen.move_to_end(what)
        return 1 + (seen.unrecorded if seen else 0)


REFUSALS = Refusals()
"""Those of this process."""


async def note_denied(
    graph: Graph,
    actor: Actor,
    action: str,
    subjects: Sequence[str] = (),
    *,
    detail: str = "",
    address: str | None = None,
    refusals: Refusals = REFUSALS,
) -> None:
    """Record that something was refused; never raises for a graph that cannot be written.

    ``action`` must be a name of ours, such as that of a field or route, not a text of the request. Refusals
    from different ``address`` are counted apart; the entry takes its own address from the origin of the request.
    """
    if not (count := refusals.due(id(graph), str(actor), action, address)):
        return
    try:
        await graph.write(audited(actor, action, subjects, outcome=Outcome.DENIED, detail=detail, count=count))
    except GraphError as error:
        log.warning("a refusal of %s could not be recorded: %s", action, type(error).__name__)
