"""What a consumer is: work that runs for as long as a worker does, such as following a log or the events of the graph."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graph.cypher import query
from graph.model.actor import Actor
from graph.model.errors import LostClaimError
from graph.model.statement import Statement
from graph.ports import Graph, Ports, Row, Transaction
from jobs import metrics
from jobs.spec import JobSpec


@dataclass(slots=True)
class ConsumerWork:
    """What a consumer is given. ``watermark`` is what it stored last, in a form of its own; ``None`` at its first start."""

    graph: Graph
    actor: Actor
    """The consumer, as recorded with its writes."""
    ports: Ports
    jobs: tuple[JobSpec[Any], ...]
    name: str
    worker: str
    watermark: str | None = None

    async def advance(self, watermark: str, *statements: Statement) -> list[list[Row]]:
        """Store the watermark, and the statements in the same transaction, so that nothing is repeated or omitted.

        Returns the rows of each statement. ``LostClaimError`` if another worker has taken the consumer.
        """

        async def work(tx: Transaction) -> list[list[Row]]:
            stored = await tx.run(query("jobs/consumers/advance", consumer=self.name, worker=self.worker, watermark=watermark))
            if not stored:
                raise LostClaimError(f"consumer {self.name} was taken over by another worker")
            return [await tx.run(statement) for statement in statements]

        rows = await self.graph.transact(work)
        self.watermark = watermark
        metrics.advanced(self.name)
        return rows


@dataclass(frozen=True, slots=True)
class ConsumerSpec:
    """One consumer, run by one worker at a time; if that worker dies or the consumer fails, it is restarted."""

    name: str
    version: str
    help: str
    reads: tuple[str, ...]
    """Node labels and relationship types it reads."""
    writes: tuple[str, ...]
    """Node labels and relationship types it writes."""
    run: Callable[[ConsumerWork], Awaitable[None]]
    """Runs until cancelled, from ``work.watermark`` on. What it raises is recorded, and it is started again later."""
    restart_seconds: float = 5.0
    """Wait after a failure; doubled at each further one, with jitter, up to ten minutes."""
