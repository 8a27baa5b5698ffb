"""``crashgraph doctor`` finds damage of every kind, says what is wrong and where, and finds nothing in a sound home."""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from reports import submission

from crashgraph.cli import cli
from crashgraph.doctor.graph import check_key
from crashgraph.doctor.home import check_home
from crashgraph.settings import Settings
from crashgraph.spool import Portion, Spool, encode
from crashgraph.wiring import Container, open_container, server_settings
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.fingerprint.normalisation import VERSION
from graph.model.actor import INGEST
from graph.model.statement import Statement
from graph.server import EmbeddedServer
from graph.store.consistency import check_consistency

pytestmark = pytest.mark.timeout(900)
NOBODY = 65534
STORE = "neo4j/data/databases/neo4j"

DATA = {
    "Crash can be read": "MATCH (c:Crash) WITH c LIMIT 1 REMOVE c.report",
    "OF_PATTERN can be read": "MATCH ()-[r:OF_PATTERN]->() WITH r LIMIT 1 REMOVE r.strategy",
    "Crash.severity has a known text": "MATCH (c:Crash) WITH c LIMIT 1 SET c.severity = 'apocalyptic'",
    "OF_PATTERN.strategy has a known text": "MATCH ()-[r:OF_PATTERN]->() WITH r LIMIT 1 SET r.strategy = 7",
    "ApiKey.scopes has a known text": "CREATE (:ApiKey {key_id: 'x', name: 'x', scopes: ['read', 'fly']})",
    "crashes without pattern": "MATCH (c:Crash)-[h:HAS_SIGNATURE]->() WITH h LIMIT 1 DELETE h",
    "patterns without signature": "CREATE (:Pattern {pattern_id: 'x', name: 'x', severity: 'low', "
    "confidence: 0.5, status: 'open', occurrence_count: 0})",
    "signatures of several patterns": "MATCH (s:Signature)-[:OF_PATTERN]->(p), (q:Pattern) WHERE p <> q "
    "WITH s, q LIMIT 1 CREATE (s)-[:OF_PATTERN {strategy: 'x', confidence: 1.0}]->(q)",
    "environments without crash": "CREATE (:Environment {environment_id: 'x', title: 'nowhere'})",
    "roll-ups": "MATCH (p:Pattern) WITH p LIMIT 1 SET p.occurrence_count = p.occurrence_count + 1",
    "events without a gap": "MATCH (e:Event {position: 1}) DELETE e",
    f"fingerprints of version {VERSION}": "MATCH (s:Signature) WITH s LIMIT 1 SET s.fingerprint_version = '2020-01-01'",
}


@pytest.mark.parametrize("name", DATA)
async def test_damage_in_the_data_is_found(container: Container, name: str) -> None:
    async def findings() -> set[str]:
        found = [one async for one in check_consistency(container.graph, VERSION) if not one.ok]
        assert all(one.advice for one in found)
        return {one.name for one in found}

    await container.receiver.receive([submission(number % 4, number) for number in range(12)])
    assert await findings() == set()
    await container.graph.write(Statement(DATA[name]))
    assert name in await findings()


async def test_a_text_that_its_set_lacks_is_shown_with_the_known_ones(container: Container) -> None:
    [receipt] = await container.receiver.receive([submission(0)])
    await container.graph.write(Statement("MATCH (c:Crash) SET c.severity = $text", {"text": "x" * 100}))
    [found] = [one async for one in check_consistency(container.graph, VERSION) if one.name.startswith("Crash.severity")]
    assert (found.wrong, found.samples) == (1, (f"{receipt.crash_id} has {'x' * 40}",))
    assert found.advice.endswith("set one of critical, high, medium, low")


def small(home: Path) -> Settings:
    return Settings(home=home, heap_mb=512, page_cache_mb=64)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLmEmbedder) -> Path:
    """A home with some crashes and a report that waits; its Neo4j is stopped."""
    home = tmp_path_factory.mktemp("sound") / "home"

    async def fill() -> None:
        async with open_container(small(home), embedder=embedder) as container:
            await container.receiver.receive([submission(number % 4, number) for number in range(40)])
            [crashes] = await container.receiver.preparer.prepare([submission(1, 99)], container.ports.clock.now())
            portion = Portion(INGEST, tuple(crashes))
            async with Spool(home / "spool.db", 1 << 20) as waiting:
                await waiting.add([(1, encode(portion))])

    asyncio.run(fill())
    return home


@pytest.fixture
def copied(sound: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(sound, tmp_path / "home", symlinks=True)


def doctor(home: Path) -> tuple[int, str]:
    """Exit status of the command, and its lines that say FAIL with what belongs to them."""
    variables = {"CRASHGRAPH_HOME": str(home), "CRASHGRAPH_HEAP_MB": "512", "CRASHGRAPH_PAGE_CACHE_MB": "64"}
    result = CliRunner().invoke(cli, ["doctor"], env=variables, catch_exceptions=False, standalone_mode=False)
    checks = result.stdout.partition("\nChecks\n")[2]
    return result.return_value, "\n".join(re.findall(r"^  FAIL .*(?:\n(?!  (?:ok|FAIL) ).*)*", checks, re.MULTILINE))


def test_a_sound_home_gives_no_finding(copied: Path) -> None:
    assert doctor(copied) == (0, "")


def test_a_killed_neo4j_is_no_damage(copied: Path) -> None:
    server = EmbeddedServer(server_settings(small(copied)))
    server.start_persistent()
    psutil.Process(server.status().pid).kill()
    assert doctor(copied) == (0, "")


def overwrite(name: str) -> Callable[[Path], None]:
    """Overwrite 64 bytes in the middle of what is used of a file of the store."""

    def damage(home: Path) -> None:
        path = home / STORE / name
        data = bytearray(path.read_bytes())
        middle = len(data.rstrip(b"\0")) // 2
        data[middle : middle + 64] = random.Random(1).randbytes(64)
        path.write_bytes(data)

    return damage


def truncate(home: Path) -> None:
    log = home / "neo4j/data/transactions/neo4j/neostore.transaction.db.0"
    os.truncate(log, log.stat().st_size // 2)


def half_restore(home: Path) -> None:
    """As a restore leaves it that was killed after a part of the new graph was written."""
    for part in ("databases", "transactions"):
        shutil.copytree(home / "neo4j/data" / part / "neo4j", home / "neo4j/aside" / part)
        shutil.rmtree(home / "neo4j/data" / part / "neo4j")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "node store": (overwrite("neostore.nodestore.db"), r"files of the graph: \S+/data: inconsistent: .*\d NODE records"),
    "property store": (
        overwrite("neostore.propertystore.db"),
        # Where the damage hits a date, Neo4j's check cannot be finished.
        r"files of the graph: (.*inconsistent: .*\d PROPERTY records|(.|\n)*Consistency check(.|\n)*out of range)",
    ),
    "relationship store": (overwrite("neostore.relationshipstore.db"), r"files of the graph: .*\d RELATIONSHIP records"),
    "texts": (overwrite("neostore.propertystore.db.strings"), r"files of the graph: .*first error: The string block"),
    "transaction log": (
        truncate,
        r"files of the graph: (.|\n)*Error reading transaction logs(.|\n)*Neo4j: .*( is offline|Unavailable)",
    ),
    "password file": (
        lambda home: (home / "password").write_text("0123456789abcdef\n"),
        r"Neo4j: the password in \S+/password is not that of the graph",
    ),
    "half-restored backup": (half_restore, r"restore: a restore did not end; .* restore again"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_of_the_files_is_found(copied: Path, name: str) -> None:
    damage, expected = DAMAGES[name]
    damage(copied)
    status, findings = doctor(copied)
    assert status == 1
    assert re.search(expected, findings), findings


def test_an_interrupted_restore_is_a_finding_once(copied: Path) -> None:
    half_restore(copied)
    doctor(copied)
    assert doctor(copied) == (0, "")


@contextmanager
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are different there")
def test_a_home_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    # The folders that pytest makes are closed to other users.
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o111)
    with as_nobody():
        [check] = check_home(home)
    assert not check.ok
    assert f"{home} cannot be written" in check.detail


def overwrite_spool(home: Path) -> None:
    path = home / "spool.db"
    path.write_bytes(path.read_bytes()[:4096] + random.Random(1).randbytes(8192))


def open_key(home: Path) -> None:
    key = home / "sentry.key"
    key.write_bytes(b"s" * 32)
    key.chmod(0o644)


QUICK: dict[str, str | Callable[[Path], object]] = {
    r"mode of sentry.key: others may read \S+/sentry.key; run: chmod 600": open_key,
    r"spool: \S+/spool.db is damaged": overwrite_spool,
    r"disk: [\d,]+ MiB are free on the disk of \S+; below [\d,]+ MiB reports are refused": lambda _: None,
    r"redaction key: \S+/redaction.key is not the key that": lambda home: (home / "redaction.key").write_bytes(b"k" * 32),
    r"schema: missing crash_site_range: CREATE": "DROP INDEX crash_site_range",
    r"schema: missing crash_crash_id_unique: CREATE": "DROP CONSTRAINT crash_crash_id_unique",
    r"data: roll-ups: 1 wrong \(\w+\)": DATA["roll-ups"],
    r"data: Crash can be read: 1 wrong": DATA["Crash can be read"],
    r"job backup: failed at .*: no space left": "CREATE (:JobRun {run_id: 'r', job: 'backup', state: 'failed', "
    "finished_at: datetime(), requested_at: datetime(), error: 'no space left'})",
    r"job verify_backup: succeeded at 2026-01-05.*; none since, though one was due at 20": "CREATE (:JobRun {run_id: 's', "
    "job: 'verify_backup', state: 'succeeded', finished_at: datetime('2026-01-05T05:00Z'), "
    "requested_at: datetime('2026-01-05T05:00Z')})",
}


@pytest.fixture(scope="module")
def findings(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the command finds in a home with all of these at once."""
    home = shutil.copytree(sound, tmp_path_factory.mktemp("damaged") / "home", symlinks=True)

    async def damage() -> None:
        async with open_container(small(home)) as container:
            for text in QUICK.values():
                if isinstance(text, str):
                    await container.graph.write(Statement(text))

    asyncio.run(damage())
    for change in QUICK.values():
        if callable(change):
            change(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crashgraph.doctor.home.DISK_RESERVE", 1 << 60)
        return doctor(home)[1]


@pytest.mark.parametrize("expected", QUICK)
def test_other_damage_is_found(findings: str, expected: str) -> None:
    assert re.search(f"^  FAIL {expected}", findings, re.MULTILINE), findings


def test_nothing_else_is_found(findings: str) -> None:
    assert len(findings.split("  FAIL ")[1:]) == len(QUICK), findings


def test_a_missing_redaction_key_is_found(tmp_path: Path) -> None:
    assert not check_key(tmp_path / "redaction.key", "mark").ok
