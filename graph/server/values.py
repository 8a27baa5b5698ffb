"""The plain values that the embedded server takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import platformdirs

Mode = Literal["transient", "persistent"]
"""``transient``: stops with its last user. ``persistent``: runs until ``stop()``."""

Stage = Literal["download", "verify", "prepare", "start", "stop", "wait", "note", "backup", "restore"]


def default_cache_dir() -> Path:
    """Where the jars of every installation of this user lie."""
    return Path(platformdirs.user_cache_dir("crashgraph"))


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What may be chosen about the embedded server.

    A port of None is Neo4j's usual one, or a free one when that is taken; 0 is any free one; any other
    number was asked for by name and is used or refused. Memory of None is sized to the machine.
    ``start_timeout`` is in seconds, downloads not counted.
    """

    home: Path
    cache_dir: Path = field(default_factory=default_cache_dir)
    java_home: Path | None = None
    bolt_port: int | None = None
    http_port: int | None = None
    heap_mb: int | None = None
    page_cache_mb: int | None = None
    start_timeout: float = 120.0
    browser_guide_url: str | None = None
    browser_style_url: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server answers and who may enter."""

    bolt_uri: str
    http_uri: str
    browser_url: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServerProgress:
    """One step of something slow.

    ``done`` and ``total`` are bytes while downloading or verifying, else 0; ``message`` is for people.
    """

    stage: Stage
    message: str
    done: int = 0
    total: int = 0


ProgressCallback = Callable[[ServerProgress], None]


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The server of one home as it is now. Numbers about a process are None when none runs."""

    running: bool
    answering: bool
    home: Path
    log_path: Path
    home_bytes: int
    neo4j_version: str
    browser_version: str
    gds_version: str
    pid: int | None = None
    mode: Mode | None = None
    uptime_s: float | None = None
    started_by: str | None = None
    bolt_port: int | None = None
    http_port: int | None = None
    resident_mb: int | None = None


def ignore_progress(_: ServerProgress) -> None:
    """The callback of callers that do not want to hear."""
