"""`crashgraph export`: what other programs read from its files is what the graph holds."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from reports import submission

from crashgraph.cli import cli
from crashgraph.commands.export import _writer
from crashgraph.export.run import Counts, export
from crashgraph.export.writer import Columns
from crashgraph.wiring import Container
from graph.access.users import create_user
from graph.model import NODES
from graph.model.actor import person
from graph.model.errors import InvalidInputError
from graph.model.statement import Statement
from graph.server import Endpoint
from resolvers.export import LABELS, labels_named

PASSWORD = "correct horse battery staple"
NASTY = '=HYPERLINK("x")\r\n<b>&\x01\u2028 \'é \U0001f4a5'
NODES_OF_A_LARGE_GRAPH = int(os.environ.get("EXPORT_NODES", "4000"))
ALL = Statement("MATCH (n) RETURN labels(n) AS labels, count(n) AS nodes")


@pytest.fixture
async def filled(container: Container) -> Container:
    """Crashes, a solution with a hostile text, and users whose hashes must stay."""
    await container.receiver.receive([submission(number) for number in range(4)])
    await create_user(container.graph, person("owner"), "ann", "admin", PASSWORD)
    await container.graph.write(
        Statement(
            "MATCH (p:Pattern) WITH p LIMIT 1 CREATE (s:Solution {solution_id: 's1', description: $text, tags: ['a,b', '+c'], "
            "success_count: 1, failure_count: 0, confidence: 1, created_at: $at, feedback_sum: 0.5, quality: 0.25, "
            "avg_confidence: null})-[:RESOLVES {worked: 1, failed: 0}]->(p)",
            {"text": NASTY, "at": datetime(2026, 5, 1, 12, tzinfo=UTC)},
        )
    )
    return container


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an export goes; the home lies beside it."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


async def written(container: Container, path: Path, format_: str, labels: tuple[str, ...] = LABELS) -> Counts:
    with _writer(format_, path, Columns(labels)) as writer:
        return await export(container.graph, labels, writer)


async def stored(container: Container) -> Counter[str]:
    """The number of nodes that may be exported, by label."""
    rows = await container.graph.read(ALL)
    found: Counter[str] = Counter()
    for row in rows:
        for label in set(row["labels"]) & set(LABELS):
            found[label] += row["nodes"]
    return found


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def check_no_secret(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")] if folder.is_dir() else [folder]:
        if path.is_file():
            content = path.read_bytes()
            assert b"argon2" not in content
            assert b"password_hash" not in content
            assert b"User:" not in content.replace(b'"user":', b"")


async def test_graphml_is_read_by_networkx_with_labels_and_types(filled: Container, folder: Path) -> None:
    path = folder / "all.graphml"
    counts = await written(filled, path, "graphml")
    network = nx.read_graphml(path, force_multigraph=True)
    assert (network.number_of_nodes(), network.number_of_edges()) == (counts.nodes, counts.relationships)
    assert Counter(data["labels"].removeprefix(":") for _, data in network.nodes(data=True)) == await stored(filled)
    solution: dict[str, Any] = network.nodes["Solution:s1"]
    assert solution["description"] == NASTY.replace("\r\n", "\n").replace("\x01", "\ufffd")
    assert json.loads(solution["tags"]) == ["a,b", "+c"]
    assert (solution["success_count"], solution["confidence"], solution["quality"]) == (1, 1.0, 0.25)
    assert solution["created_at"] == "2026-05-01T12:00:00+00:00"
    (edge,) = [data for source, _, data in network.edges(data=True) if source == "Solution:s1"]
    assert (edge["type"], edge["worked"]) == ("RESOLVES", 1)
    assert all("labels" in data for _, data in network.nodes(data=True)), "every end of a relationship is there"
    check_no_secret(path)


async def test_json_keeps_lists_and_is_read_by_networkx(filled: Container, folder: Path) -> None:
    counts = await written(filled, folder / "all.json", "json")
    content = json.loads((folder / "all.json").read_text("utf-8"))
    network = nx.node_link_graph(content, edges="edges")
    assert (network.number_of_nodes(), network.number_of_edges()) == (counts.nodes, counts.relationships)
    assert network.nodes["Solution:s1"]["tags"] == ["a,b", "+c"]
    assert network.nodes["Solution:s1"]["description"] == NASTY
    await written(filled, folder / "all.ndjson", "ndjson")
    rows = [json.loads(line) for line in (folder / "all.ndjson").read_text("utf-8").split("\n") if line]
    assert [row for row in rows if "id" in row] == content["nodes"]
    assert [{**row, "key": row["type"]} for row in rows if "id" not in row] == content["edges"]
    check_no_secret(folder)


async def test_csv_is_a_file_per_label_without_formulas(filled: Container, folder: Path) -> None:
    await written(filled, folder, "csv")
    found, formulas = {}, 0
    for path in files_in(folder):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        formulas += sum(value.startswith(("=", "+", "@", "\t", "\r")) for row in rows for value in row)
        if head[0] == "id":
            found[path.stem] = len(rows)
    assert formulas == 0
    assert Counter(found) == await stored(filled)
    (solution,) = csv.DictReader(io.StringIO((folder / "Solution.csv").read_bytes().decode(), newline=""))
    assert solution["description"] == "'" + NASTY
    assert json.loads(solution["tags"]) == ["a,b", "+c"]
    assert (solution["avg_confidence"], solution["success_count"]) == ("", "1")
    assert len(pd.read_csv(folder / "RESOLVES.csv")) == 1
    check_no_secret(folder)


async def test_parquet_has_typed_columns(filled: Container, folder: Path) -> None:
    await written(filled, folder, "parquet")
    (row,) = pyarrow.parquet.read_table(folder / "Solution.parquet").to_pylist()
    assert (row["id"], row["description"], row["tags"]) == ("Solution:s1", NASTY, ["a,b", "+c"])
    assert row["created_at"] == datetime(2026, 5, 1, 12, tzinfo=UTC)
    crashes = pd.read_parquet(folder / "Crash.parquet")
    assert len(crashes) == 4
    assert "report" not in crashes.columns
    assert str(crashes["received_at"].dtype).startswith("datetime64")
    assert {path.stem for path in files_in(folder)} >= {*LABELS, "RESOLVES", "HAS_SIGNATURE"}
    check_no_secret(folder)


async def test_parquet_without_pyarrow_is_a_plain_error(
    filled: Container, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInputError, match="pip install pyarrow"):
        await written(filled, folder, "parquet")


def test_every_label_that_is_not_for_administrators_or_upkeep_is_exported() -> None:
    left_out = set(NODES) - set(LABELS)
    assert left_out == {
        "Organisation", "User", "Session", "ApiKey", "AuditEvent", "Consumer", "EventLog", "IdempotencyKey", "Installation",
    }  # fmt: skip
    with pytest.raises(InvalidInputError, match="User"):
        labels_named(["Pattern", "User"])


async def test_an_export_of_a_large_graph_needs_little_memory(container: Container, folder: Path) -> None:
    peaks = []
    for last in (NODES_OF_A_LARGE_GRAPH // 4, NODES_OF_A_LARGE_GRAPH):
        await container.graph.write(
            Statement(
                "UNWIND range(1, $last) AS n MERGE (s:Site {name: 'site ' + n}) MERGE (m:Module {key: 'm' + n})", {"last": last}
            )
        )
        tracemalloc.start()
        counts = await written(container, folder / f"{last}.json", "json", ("Site", "Module"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert counts.nodes == 2 * last
    # Eight bytes per node stay in memory; a page of 500 nodes takes most of the rest.
    assert peaks[1] - peaks[0] < 40 * 2 * (NODES_OF_A_LARGE_GRAPH * 3 // 4) + (1 << 20), peaks


async def test_the_command_writes_each_format(
    filled: Container, endpoint: Endpoint, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRASHGRAPH_HOME", str(home))
    monkeypatch.setenv("CRASHGRAPH_NEO4J_URI", endpoint.bolt_uri)
    monkeypatch.setenv("CRASHGRAPH_NEO4J_USER", endpoint.user)
    monkeypatch.setenv("CRASHGRAPH_NEO4J_PASSWORD", endpoint.password)
    for options, made in (
        (["-o", "a.graphml", "--all"], "a.graphml"),
        (["-o", "a.json"], "a.json"),
        (["-o", "a.jsonl", "--label", "Solution", "--label", "Pattern"], "a.jsonl"),
        (["-o", "tables", "--format", "csv", "--label", "Crash"], "tables/Crash.csv"),
        (["-o", "typed", "--format", "parquet"], "typed/Pattern.parquet"),
    ):
        options[1] = str(folder / options[1])
        done = await _run("export", *options)
        assert done.exit_code == 0, done.output
        assert (folder / made).stat().st_size
    assert "Solution:s1" in (folder / "a.jsonl").read_text("utf-8")
    assert '"source":"Solution:s1"' in (folder / "a.jsonl").read_text("utf-8")
    assert "Solution" not in (folder / "a.json").read_text("utf-8")
    for wrong in (["-o", "x"], ["-o", "x.json", "--all", "--label", "Crash"], ["-o", "x.json", "--label", "User"]):
        done = await _run("export", *wrong)
        assert done.exit_code == 2 or isinstance(done.exception, InvalidInputError), done.output
    assert not [path for path in files_in(folder) if path.suffix == ".part"]


async def _run(*command: str) -> Any:
    import asyncio

    return await asyncio.to_thread(CliRunner().invoke, cli, list(command))
