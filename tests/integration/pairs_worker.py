"""A worker process for tests that kill it; every second a run finds the same pairs of patterns again.

Edges name their run, so that a reader can check whether all are of one run.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence

from graph.store import Neo4jGraph
from jobs.params import NoParams
from jobs.spec import JobEdge, JobSpec, Work
from jobs.worker import WorkerSettings, run_worker

PATTERNS = 25
SETTINGS = WorkerSettings(poll_seconds=0.2, heartbeat_seconds=0.3, stale_seconds=2.0, grace_seconds=1.0)


async def run(work: Work[NoParams]) -> AsyncIterator[Sequence[JobEdge]]:
    """All pairs, slowly, so that a kill is likely to come in the middle."""
    evidence = {"score": 0.5, "support": 7, "p_value": 0.001, "q_value": 0.01, "sample_crash_ids": ("c",)}
    more = {"lift": 3.0, "expected": 2.0, "window_seconds": 60.0, "sites": 2}
    for first in range(PATTERNS):
        work.progress(first, PATTERNS)
        pairs = [(f"p{first:03}", f"p{second:03}") for second in range(first + 1, PATTERNS)]
        yield [JobEdge("CO_OCCURS_WITH", *pair, {**evidence, **more}) for pair in pairs]
        await asyncio.sleep(0.02)


SCHEDULE = os.environ.get("PAIRS_SCHEDULE", "every 1 second")
SPEC = JobSpec("killed", "1", "Test job.", SCHEDULE, NoParams, ("Pattern",), ("CO_OCCURS_WITH",), run, max_attempts=50)


async def main() -> None:
    """Work until killed."""
    address, user, password = (os.environ[f"CRASHGRAPH_NEO4J_{name}"] for name in ("URI", "USER", "PASSWORD"))
    async with await Neo4jGraph.connect(address, user, password) as graph:
        print("ready", flush=True)  # noqa: T201  # the test waits for it
        await run_worker(graph, SETTINGS, jobs=(SPEC,))


if __name__ == "__main__":
    asyncio.run(main())
