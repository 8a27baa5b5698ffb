"""A backup restored into another home answers as the home it was made of, byte for byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from answers import answers
from click.testing import CliRunner

from crashgraph.cli import cli
from crashgraph.settings import load
from crashgraph.wiring import open_container
from graph.cypher import query
from graph.sources.files import ReadOptions, read_path
from jobs.registry import JOBS
from jobs.runner import run_now
from samples import REPORTS, TRUTH, generate, load_truth

PATTERNS = (
    "MATCH (p:Pattern) WITH p ORDER BY p.occurrence_count DESC, p.pattern_id LIMIT 8 "
    "MATCH (c:Crash)-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->(p) "
    "WITH p, min(c.crash_id) AS crash ORDER BY p.occurrence_count DESC, p.pattern_id RETURN p.pattern_id AS id, crash"
)


def run(*command: str) -> str:
    result = CliRunner().invoke(cli, list(command), catch_exceptions=False)
    assert result.exit_code == 0, (command, result.output)
    return result.stdout


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Two homes; commands work on the one that was begun last, of which the Neo4j is ended."""
    monkeypatch.setenv("CRASHGRAPH_HEAP_MB", "512")
    monkeypatch.setenv("CRASHGRAPH_BACKUP_PASSPHRASE", "correct horse battery")
    paths = [tmp_path / "one", tmp_path / "two"]
    yield paths
    for path in paths:
        monkeypatch.setenv("CRASHGRAPH_HOME", str(path))
        run("db", "stop")


async def fill(folder: Path) -> None:
    """The sample set, all jobs but backups."""
    generate(folder)
    truth = load_truth(folder / TRUTH)
    async with open_container(load()) as container:
        async for _ in container.receiver.stream(read_path(folder / REPORTS, ReadOptions(jsonl=True)), 500):
            pass
        await container.graph.write(query("ingest/site_links", pairs=[list(pair) for pair in truth.site_links]))
        for spec in JOBS:
            if "backup" not in spec.name:
                assert (await run_now(container.graph, spec.name, ports=container.ports)).state == "succeeded"


def teach() -> None:
    """What people say: solutions, a validation, verdicts, a status."""
    rows = [json.loads(line) for line in run("db", "cypher", PATTERNS, "--output", "jsonl").splitlines()]
    first, second, third, fourth, fifth, sixth, seventh, _ = (row["id"] for row in rows)
    run("solution", "add", first, "Raise the pool to 40", "--kind", "configuration", "--verified", "--for", "os=Linux")
    run("solution", "add", first, "Retry once", "--kind", "workaround")
    run("solution", "add", second, "Update to 2.1", "--kind", "code")
    run("pattern", "validate", rows[0]["crash"], "--notes", "seen twice", "--severity", "critical", "--downtime", "12")
    run("verdict", "merge", third, fourth, "--reason", "same pool")
    run("verdict", "not-caused-by", fifth, sixth)
    run("pattern", "resolve", seventh)


@pytest.mark.timeout(1_800)
def test_a_home_restored_elsewhere_gives_the_same_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, homes: list[Path]
) -> None:
    path, folder = tmp_path / "graph.backup", tmp_path / "answers"
    folder.mkdir()
    monkeypatch.setenv("CRASHGRAPH_HOME", str(homes[0]))
    run("db", "start")
    asyncio.run(fill(tmp_path / "sample"))
    teach()
    at = datetime.now(UTC).isoformat()
    before = answers(load(), folder, at)
    run("db", "backup", str(path))

    monkeypatch.setenv("CRASHGRAPH_HOME", str(homes[1]))
    run("db", "restore", "--yes", str(path))
    run("db", "start")
    after = answers(load(), folder, at)

    assert len(before) > 80
    assert [name for name in before | after if before.get(name) != after.get(name)] == []
