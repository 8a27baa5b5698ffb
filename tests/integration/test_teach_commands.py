"""The feedback commands, each in its own process, on the graph of the test session."""

from __future__ import annotations

import subprocess
import sys

import pytest
from small_graph import arrange, crash, pattern

from graph.store import Neo4jGraph


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crashgraph", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


@pytest.fixture
async def shop(graph: Neo4jGraph) -> Neo4jGraph:
    await arrange(graph, [pattern("tax", 3)], [crash(f"c{day}", "tax", minute=day * 1440) for day in range(3)])
    return graph


@pytest.mark.usefixtures("shop")
async def test_a_solution_is_recorded_used_and_shown(environment: dict[str, str]) -> None:
    added = run(
        environment,
        "solution",
        "add",
        "tax",
        "Add the row",
        "--on-behalf-of",
        "Ann",
        "--kind",
        "prevention",
        "--for",
        "site=Antwerp",
    )
    assert added.returncode == 0, added.stderr
    solution = added.stdout.strip()
    options = ("--site", "Antwerp", "--at", "2026-02-01T08:00+01:00", "--confidence", "0.85")
    used = run(environment, "solution", "use", solution, "tax", "worked", "--on-behalf-of", "Ann", *options)
    assert used.stdout.startswith("worked 1 time, failed 0"), used.stderr
    assert "HIGH_CONFIDENCE" in used.stdout
    shown = run(environment, "pattern", "show", "tax").stdout
    assert "proven prevention solution: Add the row (worked 1 time, failed 0) HIGH_CONFIDENCE" in shown
    assert "applies to site=Antwerp" in shown
    assert "Shop at Antwerp: holds since 2026-02-01 07:00 UTC, proven" in shown


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("solution", "list", "--pattern", "gone"), "gone"),
        (("solution", "add", "tax", "x", "--for", "colour=red"), "colour=red"),
        (("solution", "use", "s", "tax", "worked", "--at", "tomorrow"), "tomorrow"),
        (("pattern", "validate", "c0", "--quality", "7"), "quality"),
    ],
)
async def test_invalid_input_exits_with_2(environment: dict[str, str], arguments: tuple[str, ...], named: str) -> None:
    done = run(environment, *arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
