"""Settings, results and progress of the embedded server."""

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
    """The jar cache, shared by all installations of this user."""
    return Path(platformdirs.user_cache_dir("crashgraph"))


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings of the embedded server.

    A port of ``None`` is Neo4j's default, or a free one if that is taken; 0 is any free one; any other is used or refused.
    With ``keeps_ports``, those of the last start are used as long as they are free. Memory of ``None`` is derived from the
    machine's, of which ``share`` servers have a part each. ``start_timeout`` is in seconds, without downloads.
    """

    home: Path
    cache_dir: Path = field(default_factory=default_cache_dir)
    java_home: Path | None = None
    bolt_port: int | None = None
    http_port: int | None = None
    keeps_ports: bool = False
    heap_mb: int | None = None
    page_cache_mb: int | None = None
    share: int = 1
    start_timeout: float = 120.0
    browser_guide_url: str | None = None
    browser_style_url: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Addresses and credentials of the server."""

    bolt_uri: str
    http_uri: str
    browser_url: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServerProgress:
    """One step of a slow operation.

    ``done`` and ``total`` are bytes of a download, otherwise 0; ``message`` is for users.
    """

    stage: Stage
    message: str
    done: int = 0
    total: int = 0


ProgressCallback = Callable[[ServerProgress], None]


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The current state of a home's server. Values about the process are ``None`` if none is running."""

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
    """A callback that does nothing."""
