"""Backups of a graph in use: complete, consistent, restored without a difference, and refused when damaged."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from neo4j.spatial import WGS84Point
from pydantic import SecretStr
from reports import submission, traceback

from crashgraph.backups import back_up, home_part, put_back
from crashgraph.cli import cli
from crashgraph.http_ingest.keys import Keys, Projects
from crashgraph.spool import Portion, Spool, encode
from crashgraph.wiring import Container, build_container, build_intake, build_ports
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.erasure.deletion import delete_crashes
from graph.erasure.targets import DeletionTarget, TargetKind
from graph.model.actor import INGEST, person
from graph.model.errors import InvalidInputError
from graph.model.statement import Statement
from graph.server import EmbeddedServer, Endpoint, ServerSettings
from graph.store import Neo4jGraph
from graph.store.backup.export import graph_content, load_backup, write_backup
from graph.store.backup.file import check_file
from jobs.registry import find_job
from jobs.runner import run_now
from schema.build import build_schema
from schema.context import Context
from schema.examples import examples

pytestmark = pytest.mark.timeout(600)
ODD = """
CREATE (a:Odd:Extra {crash_id: 'odd', text: 'ü\u2028"', numbers: [1, 2], empty: [], flag: true,
  big: 9223372036854775807,
  float: 1.0, infinite: 1.0 / 0.0, at: datetime('2026-03-01T00:00:00.123456789Z'),
  there: datetime('2026-07-01T00:00:00[Europe/Berlin]'), day: date('2026-01-02'), span: duration('P1M2DT3.5S'),
  times: [datetime('2026-03-01T00:00:00Z')]})-[:HAS_SIGNATURE {at: datetime('2026-03-01T00:00:00Z')}]->(a)
CREATE (:`odd ``label`)
CREATE (:$($hostile))-[:$($hostile)]->()
"""
HOSTILE = "odd\\u0060 {x: 1}) CREATE (:Evil) //"

EVERYTHING = """{ crashes(first: 60) { nodes {
  crashId title occurredAt receivedAt report severity
  signature { exact } pattern { patternId name occurrenceCount firstSeen lastSeen status }
  environment { title atSite { name } } frames(first: 5) { edges { position node { key } } }
} } }"""
NODES = """
MATCH (n) WITH COLLECT { UNWIND labels(n) AS label RETURN label ORDER BY label } AS labels, properties(n) AS all
ORDER BY labels, all.crash_id, all.exact, all.key, toString(all.at), all.position, all.pattern_id, all.environment_id, all.name,
  all.version_id
RETURN labels, all
"""
RELATIONSHIPS = """
MATCH (a)-[r]->(b)
WITH type(r) AS type, coalesce(a.crash_id, a.exact, a.pattern_id, a.key, a.environment_id, a.version_id) AS a,
  coalesce(b.exact, b.key, b.pattern_id, b.environment_id, b.name, b.version_id) AS b, r.position AS at, properties(r) AS all
ORDER BY type, a, b, at RETURN type, a, b, all
"""
CONSTRAINTS = """
SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties RETURN name, type, labelsOrTypes, properties ORDER BY name
"""
INDEXES = """
SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties WHERE type <> 'LOOKUP'
RETURN name, type, state, labelsOrTypes, properties ORDER BY name
"""
ANSWERS = (NODES, RELATIONSHIPS, CONSTRAINTS, INDEXES)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    home = tmp_path_factory.mktemp("scratch")
    server = EmbeddedServer(ServerSettings(home, bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128))
    yield server.acquire()
    server.release()


async def restored(scratch: Endpoint, path: Path) -> Neo4jGraph:
    graph = await Neo4jGraph.connect(scratch.bolt_uri, scratch.user, scratch.password)
    await graph.run_implicit(Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"))
    await load_backup(graph, path)
    return graph


async def answers(graph: Neo4jGraph) -> list[list[dict[str, Any]]]:
    """Rows of the whole graph, by what identifies them rather than by their ids."""
    return [await graph.read(Statement(text)) for text in ANSWERS]


async def graphql(graph: Neo4jGraph) -> str:
    """What the examples of the query page and a query over all crashes answer, as they are sent."""
    context = Context(graph=graph, matcher=None, receiver=None)  # type: ignore[arg-type]  # these queries hand nothing in
    schema = build_schema()
    asked = [
        (one.query, one.variables)
        for one in examples()
        if one.kind == "query" and not (one.needs_ids or "input" in one.variables)
    ]
    results = [await schema.execute(text, variables, context) for text, variables in [*asked, (EVERYTHING, {})]]
    assert results[-1].errors is None
    return "\n".join(json.dumps([one.data, [str(error) for error in one.errors or ()]]) for one in results)


async def test_a_restored_graph_gives_the_same_answers(container: Container, scratch: Endpoint, tmp_path: Path) -> None:
    await container.receiver.receive([submission(number % 4, number) for number in range(60)])
    await container.graph.write(Statement(ODD, {"hostile": HOSTILE}))
    path = tmp_path / "graph.backup"

    content = await write_backup(container.graph, path)

    assert content == check_file(path) == await graph_content(container.graph)
    assert path.stat().st_mode & 0o077 == 0
    async with await restored(scratch, path) as graph:
        assert await answers(graph) == await answers(container.graph)
        assert await graphql(graph) == await graphql(container.graph)
        assert await graph_content(graph) == content
        with pytest.raises(InvalidInputError, match="only restored into an empty one"):
            await load_backup(graph, path)
        await graph.write(Statement("MATCH (c:Odd {crash_id: 'odd'}) SET c.big = 1"))
        assert await graph_content(graph) != content


async def test_a_backup_beside_writers_is_consistent(container: Container, scratch: Endpoint, tmp_path: Path) -> None:
    stop = asyncio.Event()

    stored = 0

    async def write(writer: int) -> None:
        nonlocal stored
        number = 0
        while not stop.is_set():
            await container.receiver.receive([submission(number % 4, writer * 100_000 + number)])
            number += 1
            stored += 1

    writers = [asyncio.create_task(write(writer)) for writer in range(3)]
    while stored < 10:
        await asyncio.sleep(0.05)
    path = tmp_path / "graph.backup"
    await write_backup(container.graph, path)
    stop.set()
    await asyncio.gather(*writers)

    async with await restored(scratch, path) as graph:
        checks = """
        MATCH (p:Pattern) WITH sum(p.occurrence_count) AS rolled MATCH (c:Crash)
        WITH rolled, count(c) AS crashes,
          count(CASE WHEN NOT EXISTS { (c)-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->() } THEN 1 END) AS lost
        MATCH (e:Event) RETURN rolled, crashes, lost, count(e) AS events, max(e.position) AS last
        """
        [row] = await graph.read(Statement(checks))
    assert row["rolled"] == row["crashes"]
    assert row["lost"] == 0
    assert row["events"] == row["last"]
    assert 10 <= row["crashes"] <= stored


async def test_a_damaged_backup_is_refused_before_anything_changes(container: Container, tmp_path: Path) -> None:
    await container.receiver.receive([submission(0, 0)])
    path = tmp_path / "graph.backup"
    await write_backup(container.graph, path)
    good = path.read_bytes()
    text = gzip.decompress(good)
    damages = {
        "cut": good[: len(good) * 2 // 3],
        "flipped": good[:200] + bytes([good[200] ^ 1]) + good[201:],
        "changed": gzip.compress(text.replace(b"KeyError", b"KeyErrox", 1)),
        "shortened": gzip.compress(b"\n".join(text.split(b"\n")[:-2]) + b"\n"),
        "foreign": b"not a backup",
    }
    for name, data in damages.items():
        path.write_bytes(data)
        with pytest.raises(InvalidInputError, match=r"damaged|incomplete|not a backup"):
            check_file(path)
        assert name


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_what_cannot_be_backed_up_leaves_the_last_backup(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "graph.backup"
    await write_backup(container.graph, path)
    before = path.read_bytes()
    await container.graph.write(Statement("CREATE (:Odd {place: $place})", {"place": WGS84Point((1.0, 2.0))}))
    with pytest.raises(InvalidInputError, match="WGS84Point cannot be backed up"):
        await write_backup(container.graph, path)
    assert path.read_bytes() == before
    assert "graph.backup" in names_in(tmp_path)
    assert ".graph.backup.new" not in names_in(tmp_path)
    with pytest.raises(InvalidInputError, match="there is no folder"):
        await write_backup(container.graph, tmp_path / "none" / "graph.backup")


async def test_what_waits_in_the_spool_is_restored_and_stored(
    container: Container, scratch: Endpoint, tmp_path: Path, embedder: MiniLmEmbedder
) -> None:
    settings = container.settings
    await container.receiver.receive([submission(0, 0)])
    waiting = await container.receiver.preparer.prepare([submission(1, 7)], datetime.now(UTC))
    portion = Portion(INGEST, tuple(waiting[0]))
    async with Spool(settings.home / "spool.db", 1 << 20) as spool:
        await spool.add([(1, encode(portion))])
    path = tmp_path / "graph.backup"

    content = await back_up(settings, container.graph, path)

    assert content.waiting == check_file(path).waiting == 1
    other = settings.model_copy(update={"home": tmp_path / "other"})
    async with await restored(scratch, path) as graph:
        put_back(other, path, home_part(other, path))
        elsewhere = build_container(other, graph, scratch, embedder)
        async with build_intake(elsewhere), asyncio.timeout(60):
            while [row["count"] for row in await graph.read(Statement("MATCH (c:Crash) RETURN count(c) AS count"))] != [2]:
                await asyncio.sleep(0.1)
        rows = await graph.read(Statement("MATCH (c:Crash) RETURN c.crash_id AS id"))
    assert portion.crashes[0].crash.crash_id in {row["id"] for row in rows}


async def test_keys_are_sealed_and_come_back(container: Container, tmp_path: Path) -> None:
    settings = container.settings.model_copy(update={"backup_passphrase": SecretStr("correct horse battery")})
    key = (settings.home / "redaction.key").read_bytes()
    sentry = Keys(settings).first
    assert Projects(settings.home).number("shop") == "2"
    path = tmp_path / "graph.backup"
    await back_up(settings, container.graph, path)
    assert all(secret not in gzip.decompress(path.read_bytes()) for secret in (b64encode(key), sentry.encode(), b"battery"))

    other = settings.model_copy(update={"home": tmp_path / "other"})
    Keys(other)
    theirs = (other.home / "sentry.key").read_bytes()
    for wrong, message in ((None, "are sealed"), (SecretStr("another passphrase"), "does not open")):
        with pytest.raises(InvalidInputError, match=message):
            home_part(other.model_copy(update={"backup_passphrase": wrong}), path)
    assert put_back(other, path, home_part(other, path)) == [other.home / "sentry.key.before-restore"]
    assert (other.home / "redaction.key").read_bytes() == key
    assert (Keys(other).first, Projects(other.home).number("shop")) == (sentry, "2")
    assert (other.home / "sentry.key.before-restore").read_bytes() == theirs
    assert [file.name for file in other.home.iterdir() if file.stat().st_mode & 0o077] == []
    assert put_back(other, path, home_part(other, path)) == []


async def test_a_backup_made_after_a_deletion_holds_nothing_of_it(container: Container, tmp_path: Path) -> None:
    gone = replace(submission(1, 5), site="Zanzibar", report=traceback(1).replace("Error:", "Error: quagga"))
    await container.receiver.receive([submission(0, 0), submission(1, 1), gone])
    [waiting] = await container.receiver.preparer.prepare([replace(gone, version="2.0-waiting")], datetime.now(UTC))
    async with Spool(container.settings.home / "spool.db", 1 << 20) as spool:
        await spool.add([(1, encode(Portion(INGEST, tuple(waiting))))])
    path = tmp_path / "graph.backup"

    async def words() -> list[bool]:
        await back_up(container.settings, container.graph, path)
        text = gzip.decompress(path.read_bytes())
        return [word in text for word in (b"Zanzibar", b"quagga", b"2.0-waiting")]

    assert await words() == [True, True, True]
    await delete_crashes(container.graph, DeletionTarget(TargetKind.SITE, ("Zanzibar",)), person("ann"), container.waiting)
    assert await words() == [False, False, False]


async def test_the_jobs_keep_the_newest_and_restore_it_on_trial(container: Container, endpoint: Endpoint) -> None:
    await container.receiver.receive([submission(0, 0)])
    folder = container.settings.home / "backups"
    folder.mkdir()
    for day in range(4):
        (folder / f"graph-2020010{day + 1}T000000Z.backup").write_bytes(b"old")
    ports = build_ports(container.settings, endpoint)

    run = await run_now(container.graph, find_job("backup").name, ports=ports)

    assert run.state == "succeeded"
    names = names_in(folder)
    assert names[:2] == ["graph-20200103T000000Z.backup", "graph-20200104T000000Z.backup"]
    assert len(names) == 3
    assert check_file(folder / names[2]).nodes > 1
    assert names[2] >= f"graph-{datetime.now(UTC):%Y%m%d}"

    verified = await run_now(container.graph, find_job("verify_backup").name, ports=ports)
    assert (verified.state, verified.counts) == ("succeeded", '{"backups": 1}')
    (folder / names[2]).write_bytes(b"no backup any more")
    failed = await run_now(container.graph, find_job("verify_backup").name, ports=ports)
    assert (failed.state, names[2] in str(failed.error)) == ("failed", True)


def test_commands_back_up_verify_and_restore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOME": str(tmp_path / "home"), "BOLT_PORT": "0", "HTTP_PORT": "0", "HEAP_MB": "512"}.items():
        if not name.endswith("PORT"):
            monkeypatch.setenv(f"CRASHGRAPH_{name}", value)
    path = tmp_path / "graph.backup"

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["db", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def sites() -> str:
        count = [
            sys.executable,
            "-m",
            "crashgraph",
            "db",
            "cypher",
            "MATCH (s:Site) RETURN count(s) AS sites",
            "--output",
            "jsonl",
        ]
        return subprocess.run(count, capture_output=True, text=True, check=True).stdout.strip()

    run("start")
    try:
        run("cypher", "CREATE (:Site {name: 'one'})")
        assert "3 nodes, 0 relationships" in run("backup", str(path))
        assert "are equal" in run("verify", str(path))
        run("cypher", "CREATE (:Site {name: 'two'})")
        run("restore", "--yes", str(path))
        assert sites() == '{"sites":1}'
        path.write_bytes(path.read_bytes()[:-30])
        assert isinstance(CliRunner().invoke(cli, ["db", "restore", "--yes", str(path)]).exception, InvalidInputError)
        assert sites() == '{"sites":1}'
    finally:
        run("stop")
