"""The file by which commands find a running service of their home: its address, and a token only its owner can read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from crashgraph.settings import Settings

CLOCK_SLACK_SECONDS = 2.0
"""A correction of the system clock moves a process's start time a little."""
RESULT_SETTINGS = (
    "neo4j_uri",
    "neo4j_user",
    "neo4j_database",
    "match_model",
    "cost_of_wrong_merge",
    "cost_of_wrong_split",
    "match_exact",
    "match_structural",
    "match_semantic",
    "match_fuzzy",
)
"""Settings on which results depend: a service with other values would give other answers."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One running service. ``started`` is its process's start time in seconds since 1970."""

    host: str
    port: int
    token: str
    pid: int
    started: float
    settings_digest: str
    batch_size: int
    """Most submissions in one request."""


@contextmanager
def announced(settings: Settings, host: str, port: int, token: str) -> Iterator[None]:
    """Announce this process's service while the context lasts."""
    from graph.server.files import write_atomic

    announcement = Announcement(
        host=host,
        port=port,
        token=token,
        pid=os.getpid(),
        started=psutil.Process().create_time(),
        settings_digest=settings_digest(settings),
        batch_size=settings.batch_size,
    )
    path = _folder(settings) / f"service-{port}.json"
    write_atomic(path, json.dumps(asdict(announcement)), mode=0o600)
    try:
        yield
    finally:
        # A successor at the same port may have replaced it.
        if _read(path) == announcement:
            path.unlink(missing_ok=True)


def find_announcement(settings: Settings, *, any_settings: bool = False) -> Announcement | None:
    """A service of this home that is alive and has the same settings, or any; files of killed services are ignored."""
    digest = settings_digest(settings)
    for path in sorted(_folder(settings).glob("service-*.json")):
        announcement = _read(path)
        same = any_settings or (announcement is not None and announcement.settings_digest == digest)
        if announcement is not None and same and _is_alive(announcement):
            return announcement
    return None


def settings_digest(settings: Settings) -> str:
    """Equal for settings that lead to the same results."""
    values = json.dumps([getattr(settings, name) for name in RESULT_SETTINGS])
    return hashlib.sha256(values.encode()).hexdigest()


def _folder(settings: Settings) -> Path:
    return settings.home.expanduser().absolute() / "run"


def _read(path: Path) -> Announcement | None:
    with suppress(OSError, ValueError, TypeError):
        return Announcement(**json.loads(path.read_text(encoding="utf-8")))
    return None


def _is_alive(announcement: Announcement) -> bool:
    """Whether that very process still runs; its number may have been given to another."""
    try:
        process = psutil.Process(announcement.pid)
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and abs(process.create_time() - announcement.started) < CLOCK_SLACK_SECONDS
    except (psutil.Error, ValueError, TypeError):
        return False
