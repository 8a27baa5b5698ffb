"""Backups of an installation: its graph, the reports that wait in its spool, its projects and its sealed keys (ADR 0019)."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pyrage  # type: ignore[import-untyped]  # it has no types

from crashgraph.create_once import create_home
from crashgraph.settings import Settings
from crashgraph.spool import DISK_RESERVE, opened, translated
from graph.model.errors import ConflictError, IntegrityError, InvalidInputError, UnavailableError
from graph.server import EmbeddedServer, Endpoint, ProgressCallback, ServerSettings
from graph.server.files import write_atomic
from graph.server.locks import FileLock
from graph.server.values import ignore_progress
from graph.store import Neo4jGraph
from graph.store.backup.export import Beside, graph_content, load_backup, write_backup
from graph.store.backup.file import WAITING, BackupContent, check_file, read_header, read_waiting

KEYS = ("redaction.key", "sentry.key", "access.key")
PROJECTS = "projects.json"
VERIFY_HEAP_MB, VERIFY_CACHE_MB = 512, 128
TRIAL_SIZE = 20
"""Bytes of a restored graph, with its transaction logs, for each of the file, at most."""


@dataclass(frozen=True, slots=True)
class HomePart:
    """What a backup holds of a home beside the graph and the spool: its projects, and its keys if they could be opened."""

    projects: Mapping[str, str]
    keys: Mapping[str, bytes]


async def back_up(settings: Settings, graph: Neo4jGraph, path: Path) -> BackupContent:
    """Write a backup, while the service runs."""
    home = settings.home.expanduser()
    header = await asyncio.to_thread(_home_header, settings)
    beside = Beside(header, lambda: _waiting_in(home / "spool.db"), await asyncio.to_thread(_reserve, home, path))
    return await write_backup(graph, path, beside)


def _reserve(home: Path, path: Path) -> int:
    """What a backup must leave free on its disk: Neo4j stops on a full one."""
    try:
        return DISK_RESERVE if path.absolute().parent.stat().st_dev == home.stat().st_dev else 0
    except OSError:
        return 0


async def back_up_from(settings: Settings, endpoint: Endpoint, path: Path) -> BackupContent:
    """As :func:`back_up`, on a connection of its own."""
    database = settings.neo4j_database
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password, database=database) as graph:
        return await back_up(settings, graph, path)


async def verify(
    settings: Settings, embedded: ServerSettings, path: Path, progress: ProgressCallback = ignore_progress
) -> BackupContent:
    """Check the checksums, open the keys, restore into a Neo4j of its own, which is ``embedded`` elsewhere, and compare.

    ``InvalidInputError`` if the file is damaged or there is no room, ``IntegrityError`` if the restored graph differs.
    """
    content = await asyncio.to_thread(check_file, path)
    if settings.backup_passphrase is not None:
        home_part(settings, path)
    async with _trial_home(settings, path) as home:
        own = replace(embedded, home=home, bolt_port=0, http_port=0)
        server = EmbeddedServer(replace(own, heap_mb=VERIFY_HEAP_MB, page_cache_mb=VERIFY_CACHE_MB), progress)
        endpoint = await asyncio.to_thread(server.acquire)
        try:
            restored = await load(endpoint, path)
        finally:
            await asyncio.shield(asyncio.to_thread(server.release))
    if restored != content:
        raise IntegrityError(f"{path}: the restored graph differs from the backup: {restored} instead of {content}")
    return content


@asynccontextmanager
async def _trial_home(settings: Settings, path: Path) -> AsyncIterator[Path]:
    """An empty home for the Neo4j of one verification at a time; what a killed one left there is stopped and removed."""
    create_home(settings.home.expanduser())
    trial = settings.home.expanduser() / ".verify"
    lock = FileLock(trial.with_suffix(".lock"))
    if not lock.try_lock():
        raise ConflictError(f"another verification of a backup runs in {settings.home}; wait for its end")
    try:
        await asyncio.to_thread(_remove_trial, trial)
        _check_room(trial.parent, path)
        create_home(trial)
        yield trial
    finally:
        await asyncio.shield(asyncio.to_thread(_remove_trial, trial))
        lock.unlock()


def _check_room(folder: Path, path: Path) -> None:
    free, needed = shutil.disk_usage(folder).free, TRIAL_SIZE * path.stat().st_size + DISK_RESERVE
    if free < needed:
        room = f"needs {needed >> 20:,} MiB at most, and {free >> 20:,} MiB are free on the disk of {folder}"
        raise InvalidInputError(f"restoring {path} on trial {room}; free space on it")


def _remove_trial(trial: Path) -> None:
    if trial.exists():
        EmbeddedServer(ServerSettings(trial)).stop()
        shutil.rmtree(trial, ignore_errors=True)


async def load(endpoint: Endpoint, path: Path) -> BackupContent:
    """Import a backup into an empty embedded Neo4j; the content of the graph afterwards, read back."""
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as graph:
        await load_backup(graph, path)
        return await graph_content(graph)


def home_part(settings: Settings, path: Path, *, keys: bool = True) -> HomePart:
    """What a backup holds of the home. ``InvalidInputError`` if its keys cannot be opened with the passphrase."""
    header = read_header(path).get("home")
    if not isinstance(header, dict) or not isinstance(header.get("projects", {}), dict):
        raise InvalidInputError(f"the backup {path} is damaged: it does not say what it holds of its home; use another one")
    sealed = header.get("keys")
    return HomePart(header.get("projects", {}), _opened(settings, path, sealed) if sealed and keys else {})


def put_back(settings: Settings, path: Path, part: HomePart) -> list[Path]:
    """Put what a checked backup holds beside the graph into the home. Files that were others are kept; their paths."""
    home = settings.home.expanduser()
    files = dict(part.keys)
    if part.projects:
        files[PROJECTS] = orjson.dumps(part.projects, option=orjson.OPT_INDENT_2) + b"\n"
    try:
        create_home(home)
        kept = [old for name, content in files.items() if (old := _put(home / name, content)) is not None]
    except OSError as error:
        what = f"the graph is restored, but {error.filename or home} cannot be written ({error.strerror or error})"
        raise InvalidInputError(f"{what}; mend that and restore again") from error
    with closing(opened(home / "spool.db")) as spool:
        translated(_add_records, spool, path)
    return kept


def _add_records(spool: sqlite3.Connection, path: Path) -> None:
    with spool:
        spool.execute("BEGIN IMMEDIATE")
        spool.executemany(
            "INSERT INTO record (layout, reports, received_at, content) VALUES (?, ?, ?, ?)",
            ((*line[1:4], line[4].encode()) for line in read_waiting(path)),
        )


def _put(path: Path, content: bytes) -> Path | None:
    """Write a file at once; where the one that was another is kept, under a name that is not taken."""
    if path.exists() and path.read_bytes() == content:
        return None
    old = None
    if path.exists():
        names = (f"{path.name}.before-restore{f'-{number}' if number else ''}" for number in count())
        old = next(path.with_name(name) for name in names if not path.with_name(name).exists())
        shutil.copy2(path, old)
    write_atomic(path, content, mode=0o600)
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
    except (pyrage.DecryptError, ValueError):
        raise InvalidInputError(f"CRASHGRAPH_BACKUP_PASSPHRASE does not open the keys in {path}") from None
    # The names are paths: no other files of this machine are written.
    return {name: b64decode(content) for name, content in orjson.loads(data).items() if name in KEYS}


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
