"""What a request with megabytes of distinct log lines costs until it is answered, and those beside it.

The real processes and the real spool, without HTTP and without Neo4j: a store that takes 50 ms a batch stands in its place, so
that the figures are those of reading and of writing to disk. ``benchmarks/fire.py --big`` has the whole service.

    PYTHONPATH=. python benchmarks/long_request.py --megabytes 28
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

import psutil
from _bench import percentile, report
from _fire.big import lines
from _fire.senders import traceback

from crashgraph.http_ingest.intake import Intake
from crashgraph.spool import Spool
from graph.ingest.prepare import PreparedCrash
from graph.ingest.preparer import Preparer
from graph.ingest.process_pool import PoolPreparer, builder_with
from graph.ingest.receipt import Receipt, receipt
from graph.model.actor import INGEST, Actor
from graph.sources.submission import Submission

KEY = b"0123456789abcdef0123456789abcdef"
STORE_SECONDS = 0.05
CLIENTS = 4
PAUSE_SECONDS = 0.1


class Store:
    """Takes every batch, in place of the graph."""

    def __init__(self, preparer: Preparer) -> None:
        """``preparer`` prepares reports."""
        self.preparer = preparer

    async def store(self, crashes: Sequence[PreparedCrash], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Receipts after a while."""
        assert actor.scopes
        await asyncio.sleep(STORE_SECONDS)
        return [receipt(crash, None, repeated=False, candidates=candidates) for crash in crashes]


class Beside:
    """Clients that send a small report each, and what they and the memory of this process and its children come to."""

    def __init__(self, intake: Intake, seed: int) -> None:
        """Reports go to the intake."""
        self.seconds: list[float] = []
        self.memory: list[tuple[int, int]] = []
        self._intake = intake
        self._random = Random(seed)

    async def run(self) -> None:
        """Send, and look at the memory, until cancelled."""
        while True:
            self.memory.append(memory())
            await asyncio.gather(*(self._send() for _ in range(CLIENTS)))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _send(self) -> None:
        began = time.perf_counter()
        await self._intake.receive([Submission(report=traceback(self._random))])
        self.seconds.append(time.perf_counter() - began)


def memory() -> tuple[int, int]:
    """Own bytes of this process and of its children."""
    me = psutil.Process()
    return me.memory_full_info().uss, sum(_own(child) for child in me.children(recursive=True))


def _own(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return int(process.memory_full_info().uss)
    return 0


async def main(args: argparse.Namespace) -> None:
    """Measure in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "spool.db", 1 << 30)
        pool = PoolPreparer(partial(builder_with, KEY), seconds=20)
        async with pool, Intake(Store(pool), spool, batch_size=2_000) as intake:
            await measured(args, intake, spool)


async def measured(args: argparse.Namespace, intake: Intake, spool: Spool) -> None:
    """Print the table."""
    beside = Beside(intake, args.seed)
    clients = asyncio.create_task(beside.run())
    await asyncio.sleep(args.seconds)
    beside.seconds.clear()
    await asyncio.sleep(args.seconds)
    usual, beside.seconds, beside.memory = beside.seconds, [], []
    text = b"".join(lines(Random(args.seed), args.megabytes << 20)).decode()
    before, began = memory(), time.perf_counter()
    await intake.receive([Submission(report=text)])
    seconds, peaks = time.perf_counter() - began, list(zip(*beside.memory, strict=True))
    del text
    waiting, size = spool.reports, spool.bytes
    meanwhile = list(beside.seconds)
    await asyncio.sleep(args.seconds)
    after = memory()
    clients.cancel()
    row = {
        "MB": args.megabytes,
        "reports": waiting,
        "answered after, s": seconds,
        "spool, MiB": size / (1 << 20),
        "p99 usual, s": percentile(usual, 0.99),
        "p99 beside it, s": percentile(meanwhile, 0.99),
        "own MiB before": before[0] / (1 << 20),
        "peak": max(peaks[0]) / (1 << 20),
        "after": after[0] / (1 << 20),
        "children's MiB before": before[1] / (1 << 20),
        "their peak": max(peaks[1]) / (1 << 20),
        "theirs after": after[1] / (1 << 20),
        "load": os.getloadavg()[0],
    }
    report("a long request", [row])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=28)
    parser.add_argument("--seconds", type=float, default=10, help="of the clients alone, before and after")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(main(parser.parse_args()))
