"""Worker processes killed again and again: every run is done once, and none is partly stored."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from pairs_worker import PATTERNS, SPEC

from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.claims import history

SCRIPT = Path(__file__).with_name("pairs_worker.py")
ROOT = SCRIPT.parents[2]
PAIRS = PATTERNS * (PATTERNS - 1) // 2
KILLS = 3
SEEN = Statement("MATCH ()-[r:CO_OCCURS_WITH]->() RETURN count(r) AS edges, collect(DISTINCT r.run_id) AS runs")


class Process:
    """A worker process and its output."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPT)], cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=out, stderr=out
            )

    async def ready(self) -> None:
        async with asyncio.timeout(90):
            while b"ready" not in self.log.read_bytes():
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.05)

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(60)


async def look(graph: Neo4jGraph, readings: list[tuple[int, int]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        [row] = await graph.read(SEEN)
        readings.append((row["edges"], len(row["runs"])))
        await asyncio.sleep(0.02)


async def settled(graph: Neo4jGraph) -> None:
    """Wait until no run waits or is in progress."""
    async with asyncio.timeout(90):
        while any(run.state in ("requested", "running") for run in await history(graph, first=1000, jobs=(SPEC,))):
            await asyncio.sleep(0.1)


async def at_work(graph: Neo4jGraph, alive: list[Process]) -> Process:
    """Wait until one of them is in the middle of a run."""
    by_number = {str(process.process.pid): process for process in alive}
    async with asyncio.timeout(60):
        while True:
            for run in await history(graph, first=20, jobs=(SPEC,)):
                number = (run.worker or "::").split(":")[1]
                if run.state == "running" and number in by_number:
                    return by_number[number]
            await asyncio.sleep(0.02)


@pytest.mark.timeout(300)
async def test_killed_workers_leave_nothing_half_done_and_nothing_undone(
    graph: Neo4jGraph, environment: dict[str, str], tmp_path: Path
) -> None:
    names = [f"p{number:03}" for number in range(PATTERNS)]
    text = "UNWIND $names AS id CREATE (:Pattern {pattern_id: id, name: id, severity: 'low'})"
    await graph.write(Statement(text, {"names": names}))
    rng = random.Random(7)
    readings: list[tuple[int, int]] = []
    stop = asyncio.Event()
    processes = [Process(environment, tmp_path / f"{number}.log") for number in range(2 + KILLS)]
    await asyncio.gather(*(process.ready() for process in processes))
    looking = asyncio.create_task(look(graph, readings, stop))
    alive = list(processes)
    while alive:
        await asyncio.sleep(rng.uniform(1.0, 2.0))  # kills come at random times
        victim = await at_work(graph, alive)
        victim.end(signal.SIGKILL)
        alive.remove(victim)
    # A worker without a schedule finishes what the killed ones left.
    last = Process({**environment, "PAIRS_SCHEDULE": "off"}, tmp_path / "last.log")
    await last.ready()
    await settled(graph)
    last.end(signal.SIGKILL)
    stop.set()
    await looking
    await check(graph, [*processes, last], readings)


async def check(graph: Neo4jGraph, processes: list[Process], readings: list[tuple[int, int]]) -> None:
    runs = await history(graph, first=1000, jobs=(SPEC,))
    assert len({run.slot for run in runs}) == len(runs) >= KILLS
    assert {run.state for run in runs} <= {"succeeded", "superseded"}
    assert all(run.edges_written == PAIRS for run in runs if run.state == "succeeded")
    assert any(run.attempt > 1 for run in runs), "no kill came in the middle of a run"
    log = "".join(re.sub(r"\x1b\[[0-9;]*m", "", process.log.read_text("utf-8", "replace")) for process in processes)
    finished = Counter(re.findall(r"job finished .*run_id=(\w+) .*state=(?:succeeded|superseded)", log))
    assert set(finished.values()) == {1}, "a run was done twice"
    # The edges are of one run, and were at every reading that did not overlap a commit.
    [row] = await graph.read(SEEN)
    assert (row["edges"], len(row["runs"])) == (PAIRS, 1)
    begun = [reading for reading in readings if reading != (0, 0)]
    assert all(edges == PAIRS for edges, _ in begun), "an edge was missing or too many"
    mixed = [runs > 1 for _, runs in begun]
    assert sum(mixed) <= len(mixed) * 0.1
    assert mixed.count(False) > 20
