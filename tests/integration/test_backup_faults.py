"""Backups when something goes wrong: full disks, killed processes, damaged and crafted files, two at once."""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import subprocess
import sys
from base64 import b64encode
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pyrage
import pytest
from neo4j import GraphDatabase
from pydantic import SecretStr
from reports import submission
from test_backup import names_in
from test_redact_again import leaky, redacted, yesterday
from test_reprocess import older_receiver
from test_reprocess import submissions as older_submissions

from crashgraph import backups
from crashgraph.backups import back_up, home_part, put_back, verify
from crashgraph.wiring import Container, server_settings
from graph.cypher import query
from graph.knowledge.events import NewEvent, append_events, latest_watermark
from graph.model.actor import person
from graph.model.errors import ConflictError, InvalidInputError
from graph.model.events import EventKind
from graph.model.statement import Statement
from graph.reprocess.reprocessor import Reprocessor
from graph.server import EmbeddedServer, ServerSettings
from graph.server.locks import FileLock
from graph.store import Neo4jGraph
from graph.store.backup.export import write_backup
from graph.store.backup.file import check_file
from graph.store.derived import derive_missing

pytestmark = pytest.mark.timeout(600)
ANN = person("ann")
PASSPHRASE = SecretStr("correct horse battery")
WHOLE = Statement(
    "MATCH (n) OPTIONAL MATCH (n)-[r]->(m) RETURN elementId(n) AS n, type(r) AS r, elementId(m) AS m ORDER BY n, r, m"
)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a full disk: writing more fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_leaves_the_last_backup(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "graph.backup"
    await write_backup(container.graph, path)
    before = path.read_bytes()
    await container.receiver.receive([submission(number % 4, number) for number in range(60)])
    with files_of_at_most(8_192), pytest.raises(InvalidInputError, match=r"graph\.backup cannot be written: File too large"):
        await write_backup(container.graph, path)
    assert path.read_bytes() == before
    assert ".graph.backup.new" not in names_in(tmp_path)
    await write_backup(container.graph, path)
    assert check_file(path).nodes > 60


async def test_a_backup_does_not_fill_the_disk_of_the_graph(
    container: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await container.receiver.receive([submission(0, 0)])
    path = tmp_path / "graph.backup"
    await back_up(container.settings, container.graph, path)
    monkeypatch.setattr(backups, "DISK_RESERVE", 1 << 60)
    with pytest.raises(InvalidInputError, match="are free on the disk of"):
        await back_up(container.settings, container.graph, path)
    with pytest.raises(InvalidInputError, match=r"on trial needs .* free space on it"):
        await verify(container.settings, server_settings(container.settings), path)


async def test_what_a_killed_backup_left_is_replaced(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "graph.backup"
    (tmp_path / ".graph.backup.new").write_bytes(b"half")
    await asyncio.gather(*(write_backup(container.graph, path) for _ in range(3)))
    check_file(path)
    assert [name for name in names_in(tmp_path) if "backup" in name] == ["graph.backup"]


async def test_an_event_that_is_appended_while_a_backup_waits_is_counted(container: Container, tmp_path: Path) -> None:
    await container.receiver.receive([submission(0)])
    last = await latest_watermark(container.graph)
    async with container.graph.open_transaction() as tx:
        event = append_events([NewEvent(EventKind.CRASHES_REDACTED, ANN, [])])
        await (await tx.run(event.text, dict(event.params))).consume()
        writing = asyncio.ensure_future(write_backup(container.graph, tmp_path / "graph.backup"))
        while not await container.graph.read(Statement("SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked'")):
            await asyncio.sleep(0.05)
    await writing
    assert await latest_watermark(container.graph) == last + 1
    await container.receiver.receive([submission(1)])
    assert await latest_watermark(container.graph) > last + 1


async def test_an_event_log_that_an_earlier_version_set_back_is_mended(container: Container) -> None:
    await container.receiver.receive([submission(0)])
    last = await latest_watermark(container.graph)
    await container.graph.write(Statement("MATCH (log:EventLog) SET log.last = log.last - 1"))
    [check] = await container.graph.read(query("checks/event_gaps"))
    assert check["wrong"] == 1
    await derive_missing(container.graph)
    assert await latest_watermark(container.graph) == last
    [check] = await container.graph.read(query("checks/event_gaps"))
    assert check["wrong"] == 0


LOCKS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "verdicts/lock": ({"ids": ["locked"]}, "Pattern", "pattern_id", "name"),
    "history/revise": ({"pattern_id": "locked", "revision": {}, "crash_id": ""}, "Pattern", "pattern_id", "name"),
    "ingest/lock_patterns": ({"exacts": ["locked"]}, "Pattern", "pattern_id", "name"),
    "erasure/lock": ({"exacts": ["locked"], "environments": []}, "Signature", "exact", "title"),
}


@pytest.mark.parametrize("name", LOCKS)
async def test_a_lock_keeps_what_was_written_while_it_waited(container: Container, name: str) -> None:
    params, label, key, changed = LOCKS[name]
    make = "CREATE (:Signature {exact: 'locked', title: 'old'})-[:OF_PATTERN]->(:Pattern {pattern_id: 'locked', name: 'old'})"
    await container.graph.write(Statement(make))
    async with container.graph.open_transaction() as tx:
        await (await tx.run(f"MATCH (n:{label} {{{key}: 'locked'}}) SET n.{changed} = 'new'")).consume()
        locking = asyncio.ensure_future(container.graph.write(query(name, **params)))
        while not await container.graph.read(Statement("SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked'")):
            await asyncio.sleep(0.05)
    await locking
    [row] = await container.graph.read(Statement(f"MATCH (n:{label}) RETURN n.{changed} AS text"))
    assert row["text"] == "new"


async def half_done(container: Container, work: Awaitable[object]) -> bool:
    """Whether what the work writes can be seen while a backup reads the graph."""
    before = await container.graph.read(WHOLE)
    async with container.graph.open_transaction() as tx:
        await (await tx.run("MATCH (log:EventLog) SET log:EventLog")).consume()
        working = asyncio.ensure_future(work)
        for _ in range(20):
            await asyncio.sleep(0.1)
            if before != (now := await container.graph.read(WHOLE)):
                break
    await working
    assert await container.graph.read(WHOLE) != before
    return now != before


async def test_fingerprints_are_not_recomputed_while_a_backup_reads(container: Container) -> None:
    import random

    await older_receiver(container).receive(older_submissions(random.Random(1), 20))
    await container.receiver.receive([submission(0, 0)])
    worker = Reprocessor(container.graph, container.embedder)
    plan = await worker.plan()
    assert not await half_done(container, worker.apply(plan))


async def test_names_are_not_joined_while_a_backup_reads(container: Container) -> None:
    await yesterday(container).receiver.receive([leaky(1)])
    await container.receiver.receive([leaky(2)])
    assert not await half_done(container, redacted(container))


async def test_every_flipped_bit_and_every_cut_is_found(container: Container, tmp_path: Path) -> None:
    await container.receiver.receive([submission(0, 0)])
    path = tmp_path / "graph.backup"
    settings = container.settings.model_copy(update={"backup_passphrase": PASSPHRASE})
    await back_up(settings, container.graph, path)
    good = path.read_bytes()
    header = len(gzip.decompress(good).split(b"\n")[0])
    assert header > 64
    for at in [*range(0, 2_000, 7), *range(2_000, len(good) - 8, 211)]:
        for bad in (good[:at], good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :]):
            path.write_bytes(bad)
            try:
                content = check_file(path)
            except InvalidInputError:
                pass
            else:
                # The bytes of the time and system in gzip's own header mean nothing.
                assert at < 10, (at, content)
            try:
                home_part(settings, path, keys=False)
            except InvalidInputError:
                continue


def crafted(source: Path, path: Path, **changes: Any) -> None:
    """A copy of a backup with another header; its sums are those of the original."""
    first, rest = gzip.decompress(source.read_bytes()).split(b"\n", 1)
    path.write_bytes(gzip.compress(orjson.dumps({**json.loads(first), **changes}) + b"\n" + rest))


async def test_a_crafted_backup_writes_no_other_files_and_runs_no_other_statements(
    container: Container, tmp_path: Path
) -> None:
    settings = container.settings.model_copy(update={"backup_passphrase": PASSPHRASE, "home": tmp_path / "a" / "home"})
    source, path = tmp_path / "graph.backup", tmp_path / "crafted.backup"
    await write_backup(container.graph, source)
    keys = {name: b64encode(b"x").decode() for name in ("../evil", str(tmp_path / "evil"), "password", "sentry.key")}
    sealed = b64encode(pyrage.passphrase.encrypt(orjson.dumps(keys), PASSPHRASE.get_secret_value())).decode()
    crafted(source, path, home={"projects": {}, "keys": sealed})
    put_back(settings, path, home_part(settings, path))
    names = [name for folder in (tmp_path, tmp_path / "a", tmp_path / "a" / "home") for name in names_in(folder)]
    assert ("sentry.key" in names, {"evil", "password"} & set(names)) == (True, set())

    crafted(source, path, schema=[{"name": "x", "text": "MATCH (n) DETACH DELETE n"}])
    server = EmbeddedServer(ServerSettings(tmp_path / "own", bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128))
    with server as endpoint, pytest.raises(InvalidInputError, match="creates no constraint or index"):
        await backups.load(endpoint, path)

    crafted(source, path, format="crashgraph-backup-2")
    with pytest.raises(InvalidInputError, match="restore it with the version that wrote it"):
        check_file(path)
    for broken in ({"home": None}, {"home": {"keys": "no base64!"}}):
        crafted(source, path, **broken)
        with pytest.raises(InvalidInputError):
            home_part(settings, path)


async def test_no_key_that_a_restore_replaces_is_lost(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "graph.backup"
    await write_backup(container.graph, path)
    home = tmp_path / "home"
    settings = container.settings.model_copy(update={"home": home})
    for key in (b"first", b"second", b"third"):
        part = backups.HomePart({}, {"redaction.key": key})
        put_back(settings, path, part)
    saved = [(home / f"redaction.key{end}").read_bytes() for end in (".before-restore", ".before-restore-1", "")]
    assert saved == [b"first", b"second", b"third"]


async def test_one_verification_runs_at_a_time_and_removes_what_a_killed_one_left(container: Container, tmp_path: Path) -> None:
    await container.receiver.receive([submission(0, 0)])
    path = tmp_path / "graph.backup"
    content = await back_up(container.settings, container.graph, path)
    home = container.settings.home
    left = EmbeddedServer(ServerSettings(home / ".verify", bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128))
    left.start_persistent()
    lock = FileLock(home / ".verify.lock")
    assert lock.try_lock()
    with pytest.raises(ConflictError, match="another verification"):
        await verify(container.settings, server_settings(container.settings), path)
    assert left.runs
    lock.unlock()
    assert await verify(container.settings, server_settings(container.settings), path) == content
    assert (left.runs, (home / ".verify").exists()) == (False, False)


KILLED = """
import os, signal, sys
from pathlib import Path
from neo4j import GraphDatabase
from graph.server import EmbeddedServer, ServerSettings

def fill(endpoint):
    with GraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password)) as driver:
        driver.execute_query("CREATE (:Site {name: 'half'})")
    os.kill(os.getpid(), signal.SIGKILL)

EmbeddedServer(ServerSettings(Path(sys.argv[1]), bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128)).replace(fill)
"""


def test_after_a_killed_restore_the_graph_from_before_it_is_used(tmp_path: Path) -> None:
    server = EmbeddedServer(ServerSettings(tmp_path / "home", bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128))

    def sites(create: str = "") -> list[str]:
        with server as endpoint, GraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password)) as driver:
            driver.execute_query(create or "RETURN 1")
            return [row["name"] for row in driver.execute_query("MATCH (s:Site) RETURN s.name AS name").records]

    assert sites("CREATE (:Site {name: 'old'})") == ["old"]
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "home")], check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr
    assert (server.runs, server.restore_was_interrupted) == (True, True)
    assert sites() == ["old"]
    assert not server.restore_was_interrupted


async def test_a_backup_of_long_reports_takes_little_memory(container: Container, tmp_path: Path) -> None:
    rows = [{"crash_id": f"long-{number}", "report": chr(97 + number % 26) * 250_000} for number in range(800)]
    for start in range(0, len(rows), 100):
        await container.graph.write(
            Statement("UNWIND $rows AS row CREATE (c:Crash) SET c = row", {"rows": rows[start : start + 100]})
        )
    del rows
    endpoint = container.endpoint
    script = (
        "import asyncio, resource, sys\nfrom pathlib import Path\nfrom graph.store import Neo4jGraph\n"
        "from graph.store.backup.export import write_backup\n"
        "async def main():\n"
        "    async with await Neo4jGraph.connect(*sys.argv[1:4]) as graph:\n"
        "        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "        await write_backup(graph, Path(sys.argv[4]))\n"
        "        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
        "asyncio.run(main())"
    )
    given = [endpoint.bolt_uri, endpoint.user, endpoint.password, str(tmp_path / "graph.backup")]
    command = [sys.executable, "-c", script, *given]
    done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
    assert int(done.stdout) < 150, f"{done.stdout} MiB for a backup of 200 MB"
    async with await Neo4jGraph.connect(*given[:3]) as graph:
        await graph.run_implicit(Statement("MATCH (c:Crash) CALL (c) { DETACH DELETE c } IN TRANSACTIONS OF 100 ROWS"))
