"""What events cost at ingest: batches stored with their events against batches stored without, alternating in one run."""

from __future__ import annotations

import argparse
import asyncio
import copy
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

from _bench import own_graph, report
from ingest import corpus, shifted

from crashgraph.wiring import Container
from graph.ingest.pipeline import IngestPipeline
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction
from graph.sources.submission import Submission

T = TypeVar("T")
APPEND = "events/append"


class _WithoutEvents:
    """The same graph, where nothing is appended."""

    def __init__(self, graph: Graph) -> None:
        self.read, self.write, self._graph = graph.read, graph.write, graph

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._graph.transact(lambda tx: work(_Silent(tx)))


class _Silent:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def run(self, statement: Statement) -> list[Row]:
        return [] if statement.name == APPEND else await self._tx.run(statement)


async def stored(pipeline: IngestPipeline, submissions: list[Submission]) -> float:
    """Seconds to store one batch."""
    began = time.perf_counter()
    await pipeline.receive(submissions)
    return time.perf_counter() - began


async def measured(container: Container, source: list[Submission], batch: int, rounds: int) -> dict[str, object]:
    """One row of the table; each round stores a batch either way, the order alternating."""
    with_events = container.receiver
    assert isinstance(with_events, IngestPipeline)
    without = copy.copy(with_events)
    without._graph = _WithoutEvents(container.graph)  # noqa: SLF001  # only a benchmark stores crashes without events
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(rounds):
        for events in (True, False) if turn % 2 else (False, True):
            submissions = list(shifted(source, batch, batch * 10_000 + 2 * turn + events))
            seconds[events].append(await stored(with_events if events else without, submissions))
    ratios = [new / old for new, old in zip(seconds[True], seconds[False], strict=True)]
    return {
        "batch": batch,
        "rounds": rounds,
        "with events, ms": 1000 * median(seconds[True]),
        "without, ms": 1000 * median(seconds[False]),
        "time with / without": median(ratios),
    }


async def main(batches: list[int], rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = corpus(Path(folder))
    async with own_graph() as container:
        for turn in (1, 2):
            await stored(container.receiver, list(shifted(source, 2_000, turn)))
        report("events at ingest", [await measured(container, source, batch, rounds) for batch in batches])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 50, 2_000])
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    asyncio.run(main(given.batches, given.rounds))
