"""The commands in separate processes, on the session's graph."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from reports import BUGS, json_lines, submission, traceback

from crashgraph.wiring import Container
from graph.model.statement import Statement
from graph.store import Neo4jGraph

CRASHGRAPH = [sys.executable, "-m", "crashgraph"]


def run(environment: dict[str, str], *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CRASHGRAPH, *arguments], env=environment, input=stdin, capture_output=True, text=True, timeout=170, check=False
    )


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


async def crashes(graph: Neo4jGraph) -> int:
    return int((await graph.read(Statement("MATCH (c:Crash) RETURN count(c) AS n")))[0]["n"])


@pytest_asyncio.fixture
async def known(container: Container) -> None:
    """All bugs are known already, so no process has to load the embedder, which takes seconds."""
    await container.receiver.receive([submission(bug, site="elsewhere") for bug in range(len(BUGS))])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "reports"
    made.mkdir()
    (made / "a.txt").write_text(traceback(0), encoding="utf-8")
    (made / "b.txt").write_text(traceback(1), encoding="utf-8")
    (made / "c.txt").write_text("nothing went wrong", encoding="utf-8")
    return made


@pytest.mark.usefixtures("known")
async def test_ingest_prints_a_receipt_per_report(graph: Neo4jGraph, environment: dict[str, str], folder: Path) -> None:
    done = run(environment, "ingest", "--output", "jsonl", "--site", "north", str(folder))
    assert done.returncode == 3, done.stderr
    found = rows(done)
    assert [row["status"] for row in found] == ["matched", "matched", "unparsed"]
    assert list(found[0]) == [
        *("source", "id", "crash_id", "pattern_id", "pattern_name", "strategy", "confidence", "is_new", "status", "reason"),
        *("format", "error_type", "top_frame", "culprit", "frame_count"),
    ]
    assert found[0]["top_frame"] == "pricing.tariff_of"
    assert found[0]["culprit"] == "pricing.tariff_of"
    again = run(environment, "ingest", str(folder))
    assert "already stored" in again.stdout
    assert await crashes(graph) == len(BUGS) + 3


@pytest.mark.usefixtures("known")
async def test_ingest_reads_standard_input_and_gives_candidates(graph: Neo4jGraph, environment: dict[str, str]) -> None:
    lines = "".join(json_lines(8))
    done = run(environment, "ingest", "--jsonl", "--output", "jsonl", "--candidates", "2", "-", stdin=lines)
    assert done.returncode == 0, done.stderr
    found = rows(done)
    assert [row["id"] for row in found] == [f"r{n}" for n in range(8)]
    assert all(row["candidates"] for row in found)
    assert all(row["candidates"][0]["pattern_id"] == row["pattern_id"] for row in found)
    assert await crashes(graph) == len(BUGS) + 8


@pytest.mark.usefixtures("known")
async def test_a_killed_ingest_is_finished_by_the_next(graph: Neo4jGraph, environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text("".join(json_lines(5_000)), encoding="utf-8")
    small_batches = {**environment, "CRASHGRAPH_BATCH_SIZE": "200"}
    first = subprocess.Popen(
        [*CRASHGRAPH, "ingest", str(file)], env=small_batches, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 150
    while await stored_of(graph, file) < 400:
        assert first.poll() is None, "ingest ended before it could be killed"
        assert time.monotonic() < deadline
    first.send_signal(signal.SIGKILL)
    first.wait()
    stored = await stored_of(graph, file)
    assert 400 <= stored < 5_000
    assert stored % 200 == 0
    done = run(environment, "ingest", str(file))
    assert done.returncode == 0, done.stderr
    (row,) = await graph.read(
        Statement(
            "MATCH (c:Crash {file_name: $name}) "
            "WITH count(c) AS crashes, count(DISTINCT c.external_id) AS ids, "
            "sum(COUNT {(c)-[:HAS_SIGNATURE]->()}) AS signatures "
            "MATCH (p:Pattern) RETURN crashes, ids, signatures, sum(p.occurrence_count) AS rolled_up",
            {"name": file.name},
        )
    )
    assert (row["crashes"], row["ids"], row["signatures"]) == (5_000, 5_000, 5_000)
    assert row["rolled_up"] == 5_000 + len(BUGS)


HANGING = """
import re, sys
from crashgraph.cli import main
from graph.ingest.prepare import CrashBuilder
read = CrashBuilder._prepared
def hang(self, submission, *rest):
    if "HANG" in (submission.report or ""):
        re.match("(a+)+$", "a" * 60 + "b")
    return read(self, submission, *rest)
CrashBuilder._prepared = hang
sys.exit(main())
"""
"""The commands with a parser that never comes to an end."""


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    file = tmp_path / "hostile.txt"
    file.write_text("HANG " * 20_000, encoding="utf-8")
    return file


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("command", ["match", "ingest"])
def test_a_report_that_hangs_a_parser_is_unparsed(environment: dict[str, str], hostile: Path, command: str) -> None:
    limited = {**environment, "CRASHGRAPH_READ_SECONDS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", HANGING, command, "--output", "jsonl", str(hostile)],
        env=limited, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    (row,) = rows(done)
    assert (row["status"], row["reason"]) == ("unparsed", "reading it took longer than 1 s"), done.stderr


def heeding_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("command", ["match", "ingest"])
def test_ctrl_c_ends_a_command_whose_parser_hangs(environment: dict[str, str], hostile: Path, command: str) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", HANGING.replace("re.match", "print('hanging', flush=True); re.match"), command, str(hostile)],
        env={**environment, "CRASHGRAPH_READ_SECONDS": "500"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=heeding_ctrl_c,  # noqa: PLW1509  # tests in the background ignore the signal, and what they start would too
    )  # fmt: skip
    with running:
        assert running.stdout is not None
        assert running.stdout.readline() == "hanging\n"
        running.send_signal(signal.SIGINT)
        try:
            assert running.wait(60) == 130
        finally:
            running.kill()


async def stored_of(graph: Neo4jGraph, file: Path) -> int:
    rows = await graph.read(Statement("MATCH (c:Crash {file_name: $name}) RETURN count(c) AS n", {"name": file.name}))
    return int(rows[0]["n"])


async def test_cypher_prints_a_row_a_line(graph: Neo4jGraph, environment: dict[str, str]) -> None:
    done = run(
        environment, "db", "cypher", "UNWIND [1, 2] AS n RETURN n, $word AS word", "-P", 'word="hi"', "--output", "jsonl"
    )
    assert rows(done) == [{"n": 1, "word": "hi"}, {"n": 2, "word": "hi"}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ingest", "no/such/file"], "no such file"),
        (["ingest", "--format", "klingon", "README.md"], "klingon"),
        (["job", "run", "no_such_job"], "co_occurrence"),
        (["view", "no_such_view", "-o", "x.html"], "network"),
        (["db", "reset", "--yes"], "CRASHGRAPH_NEO4J_URI"),
        (["nonsense"], "nonsense"),
    ],
)
def test_invalid_input_is_reported_in_one_line(environment: dict[str, str], arguments: Sequence[str], message: str) -> None:
    done = run(environment, *arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


async def test_sites_are_linked_once(graph: Neo4jGraph, environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    file.write_text("site_a,site_b\nnorth,south\nsouth,north\nsouth,west\n", encoding="utf-8")
    assert run(environment, "site", "link", str(file)).returncode == 0
    assert "0 new" in run(environment, "site", "link", str(file)).stdout
    found = await graph.read(Statement("MATCH (a:Site)-[:LINKED_TO]->(b:Site) RETURN a.name + b.name AS pair ORDER BY pair"))
    assert [row["pair"] for row in found] == ["northsouth", "southwest"]
    file.write_text("north,south\nnorth\n", encoding="utf-8")
    wrong = run(environment, "site", "link", str(file))
    assert (wrong.returncode, "line 2" in wrong.stderr) == (2, True)


async def test_a_view_and_an_export_are_written(graph: Neo4jGraph, environment: dict[str, str], tmp_path: Path) -> None:
    await graph.write(
        Statement(
            "CREATE (:Pattern {pattern_id: 'p1', name: '<script>x</script>', severity: 'high', status: 'open', "
            "occurrence_count: 3})"
        )
    )
    page, network = tmp_path / "network.html", tmp_path / "out.graphml"
    assert run(environment, "view", "network", "-o", str(page)).returncode == 0
    assert "<script>x</script>" not in page.read_text(encoding="utf-8")
    done = run(environment, "export", "-o", str(network))
    assert done.returncode == 0, done.stderr
    assert "p1" in network.read_text(encoding="utf-8")
