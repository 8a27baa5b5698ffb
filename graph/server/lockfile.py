"""The pinned jars: coordinates, checksums and roles.

``jars.lock.toml`` next to this file is written by ``python -m graph.server.relock``, never by hand.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Role = Literal["server", "gds", "plugin"]
"""``server`` and ``gds`` jars go on the class path, ``plugin`` jars into Neo4j's plugins folder."""

LOCK_PATH = Path(__file__).with_name("jars.lock.toml")


@dataclass(frozen=True, slots=True)
class Jar:
    """One pinned file. ``sha256`` is lower-case hex, ``size`` is in bytes."""

    group: str
    artifact: str
    version: str
    classifier: str
    file: str
    sha256: str
    size: int
    role: Role

    @property
    def coordinates(self) -> str:
        """Group, artifact, version and, if any, classifier."""
        tail = f":{self.classifier}" if self.classifier else ""
        return f"{self.group}:{self.artifact}:{self.version}{tail}"


@dataclass(frozen=True, slots=True)
class JarLock:
    """All jars of the embedded server, and the main versions."""

    neo4j_version: str
    browser_version: str
    gds_version: str
    jars: tuple[Jar, ...]


@lru_cache(maxsize=1)
def read_lock() -> JarLock:
    """The committed lock file."""
    return parse_lock(LOCK_PATH.read_text(encoding="utf-8"))


def parse_lock(text: str) -> JarLock:
    """Parse the text of a lock file."""
    data = tomllib.loads(text)
    jars = tuple(Jar(**{"classifier": "", **entry}) for entry in data["jars"])
    versions = data["versions"]
    return JarLock(versions["neo4j"], versions["browser"], versions["gds"], jars)
