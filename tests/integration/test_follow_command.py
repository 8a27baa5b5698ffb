"""``crashgraph ingest --follow`` with a growing log, Ctrl-C, a kill, and a restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from polling import until
from reports import BUGS, submission, traceback

from crashgraph.wiring import Container
from graph.model.statement import Statement
from graph.store import Neo4jGraph

FOLLOW = [
    sys.executable,
    "-m",
    "crashgraph",
    "ingest",
    "--follow",
    "--quiet-time",
    "0.5",
    "--output",
    "jsonl",
    "--site",
    "north",
]


@contextmanager
def following(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that follows a log."""
    home = {**environment, "CRASHGRAPH_HOME": str(log.parent / "home")}
    with subprocess.Popen([*FOLLOW, str(log)], env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> list[dict[str, object]]:
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return [json.loads(line) for line in out.splitlines()]


async def stored(graph: Neo4jGraph, site: str = "north") -> int:
    return int((await graph.read(Statement("MATCH (c:Crash {site: $site}) RETURN count(c) AS n", {"site": site})))[0]["n"])


async def until_stored(graph: Neo4jGraph, count: int) -> None:
    async def enough() -> bool:
        return await stored(graph) >= count

    await until(enough, f"{count} reports are stored")


@pytest_asyncio.fixture
async def known(container: Container) -> None:
    """All bugs are known, so no process has to load the embedder, which takes seconds."""
    await container.receiver.receive([submission(bug, site="elsewhere") for bug in range(len(BUGS))])


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_growing_log_is_stored_until_ctrl_c(
    graph: Neo4jGraph, environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "app.log"
    log.write_text(traceback(0) + "\n")
    with following(environment, log) as process:
        await until_stored(graph, 1)
        with log.open("a") as more:
            more.write(traceback(1) + "\n" + traceback(1) + "\n")
        await until_stored(graph, 3)
        receipts = stopped(process, number)
    assert [row["status"] for row in receipts] == ["matched"] * 3
    assert {row["source"] for row in receipts} == {str(log)}


@pytest.mark.usefixtures("known")
async def test_a_killed_follower_continues_without_duplicates(
    graph: Neo4jGraph, environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "app.log"
    log.write_text(traceback(0) + "\n")
    with following(environment, log) as process:
        await until_stored(graph, 1)
        process.kill()
        process.communicate()
    with log.open("a") as more:
        more.write(traceback(1) + "\n")
    with following(environment, log) as process:
        await until_stored(graph, 2)
        log.rename(tmp_path / "app.log.1")
        log.write_text(traceback(0) + "\n")
        await until_stored(graph, 3)
        # The log is read in order: a report stored twice would be there before the next one.
        with log.open("a") as more:
            more.write(traceback(1) + "\n")
        await until_stored(graph, 4)
        stopped(process, signal.SIGINT)
    assert await stored(graph) == 4


def test_paths_that_cannot_be_followed_are_rejected(environment: dict[str, str], tmp_path: Path) -> None:
    for path in ("-", str(tmp_path)):
        done = subprocess.run([*FOLLOW, path], env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert "--follow needs the names of log files" in done.stderr


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_following_a_pipe_ends_at_a_signal(
    graph: Neo4jGraph, environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    pipe = tmp_path / "app.log"
    os.mkfifo(pipe)
    with following(environment, pipe) as process:
        with pipe.open("w") as writer:
            writer.write(traceback(0) + "\n")
        await until_stored(graph, 1)
        assert [row["status"] for row in stopped(process, number)] == ["matched"]
