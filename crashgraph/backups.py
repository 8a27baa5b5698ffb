"""Backups of an installation: its graph, the reports that wait in its spool, its projects and its sealed keys (ADR 0019)."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pyrage  # type: ignore[import-untyped]  # it has no types

from crashgraph.settings import Settings
from crashgraph.spool import opened
from graph.model.errors import IntegrityError, InvalidInputError, UnavailableError
from graph.server import EmbeddedServer, Endpoint, ProgressCallback, ServerSettings
from graph.server.values import ignore_progress
from graph.store import Neo4jGraph
from graph.store.backup.export import Beside, graph_content, load_backup, write_backup
from graph.store.backup.file import WAITING, BackupContent, check_file, read_header, read_lines

KEYS = ("redaction.key", "sentry.key", "access.key")
PROJECTS = "projects.json"
VERIFY_HEAP_MB, VERIFY_CACHE_MB = 512, 128


@dataclass(frozen=True, slots=True)
class HomePart:
    """What a backup holds of a home beside the graph and the spool: its projects, and its keys if they could be opened."""

    projects: Mapping[str, str]
    keys: Mapping[str, bytes]


async def back_up(settings: Settings, graph: Neo4jGraph, path: Path) -> BackupContent:
    """Write a backup, while the service runs."""
    home = settings.home.expanduser()
    header = await asyncio.to_thread(_home_header, settings)
    return await write_backup(graph, path, Beside(header, lambda: _waiting_in(home / "spool.db")))


async def back_up_from(settings: Settings, endpoint: Endpoint, path: Path) -> BackupContent:
    """As :func:`back_up`, on a connection of its own."""
    database = settings.neo4j_database
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password, database=database) as graph:
        return await back_up(settings, graph, path)


async def verify(
    settings: Settings, embedded: ServerSettings, path: Path, progress: ProgressCallback = ignore_progress
) -> BackupContent:
    """Check the checksums, open the keys, restore into a Neo4j of its own, which is ``embedded`` elsewhere, and compare.

    ``InvalidInputError`` if the file is damaged, ``IntegrityError`` if the restored graph differs.
    """
    content = await asyncio.to_thread(check_file, path)
    if settings.backup_passphrase is not None:
        home_part(settings, path)
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=settings.home.expanduser()) as home:
        own = replace(embedded, home=Path(home), bolt_port=0, http_port=0)
        server = EmbeddedServer(replace(own, heap_mb=VERIFY_HEAP_MB, page_cache_mb=VERIFY_CACHE_MB), progress)
        endpoint = await asyncio.to_thread(server.acquire)
        try:
            restored = await load(endpoint, path)
        finally:
            await asyncio.shield(asyncio.to_thread(server.release))
    if restored != content:
        raise IntegrityError(f"{path}: the restored graph differs from the backup: {restored} instead of {content}")
    return content


async def load(endpoint: Endpoint, path: Path) -> BackupContent:
    """Import a backup into an empty embedded Neo4j; the content of the graph afterwards, read back."""
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as graph:
        await load_backup(graph, path)
        return await graph_content(graph)


def home_part(settings: Settings, path: Path, *, keys: bool = True) -> HomePart:
    """What a backup holds of the home. ``InvalidInputError`` if its keys cannot be opened with the passphrase."""
    header = read_header(path)["home"]
    sealed = header.get("keys")
    return HomePart(header.get("projects", {}), _opened(settings, path, sealed) if sealed and keys else {})


def put_back(settings: Settings, path: Path, part: HomePart) -> list[Path]:
    """Put what a backup holds beside the graph into the home. A key that was another one is kept; the paths of these."""
    home = settings.home.expanduser()
    files = dict(part.keys)
    if part.projects:
        files[PROJECTS] = orjson.dumps(part.projects, option=orjson.OPT_INDENT_2) + b"\n"
    kept = [old for name, content in files.items() if (old := _put(home / name, content)) is not None]
    with closing(opened(home / "spool.db")) as spool, spool:
        spool.execute("BEGIN IMMEDIATE")
        spool.executemany(
            "INSERT INTO record (layout, reports, received_at, content) VALUES (?, ?, ?, ?)",
            ((*line[1:4], line[4].encode()) for line in read_lines(path) if line[0] == WAITING),
        )
    return kept


def _put(path: Path, content: bytes) -> Path | None:
    old = None
    if path.exists() and path.read_bytes() != content:
        old = path.replace(path.with_name(f"{path.name}.before-restore"))
    path.touch(mode=0o600)
    path.write_bytes(content)
    return old


def _home_header(settings: Settings) -> dict[str, Any]:
    home = settings.home.expanduser()
    keys = {name: b64encode((home / name).read_bytes()).decode() for name in KEYS if (home / name).exists()}
    projects = orjson.loads((home / PROJECTS).read_bytes()) if (home / PROJECTS).exists() else {}
    sealed = None
    if keys and settings.backup_passphrase is not None:
        secret = settings.backup_passphrase.get_secret_value()
        sealed = b64encode(pyrage.passphrase.encrypt(orjson.dumps(keys), secret)).decode()
    return {"projects": projects, "keys": sealed}


def _opened(settings: Settings, path: Path, sealed: str) -> dict[str, bytes]:
    if settings.backup_passphrase is None:
        raise InvalidInputError(f"the keys in {path} are sealed: set CRASHGRAPH_BACKUP_PASSPHRASE to what sealed them")
    try:
        data = pyrage.passphrase.decrypt(b64decode(sealed), settings.backup_passphrase.get_secret_value())
    except pyrage.DecryptError:
        raise InvalidInputError(f"CRASHGRAPH_BACKUP_PASSPHRASE does not open the keys in {path}") from None
    return {name: b64decode(content) for name, content in orjson.loads(data).items()}


def _waiting_in(path: Path) -> Iterator[list[Any]]:
    """The records of a spool, in order, also while others use it."""
    if not path.exists():
        return
    try:
        with closing(opened(path)) as spool:
            for *numbers, content in spool.execute("SELECT layout, reports, received_at, content FROM record ORDER BY number"):
                yield [WAITING, *numbers, content.decode()]
    except sqlite3.Error as error:
        raise UnavailableError(f"{path} cannot be read ({error}), and without it the backup would not be whole") from error
