"""What one installation keeps, and where.

::

    HOME/                   only its owner may enter
    ├── password            generated once, mode 0600
    ├── logs/               Neo4j's own logs, and what its process prints in neo4j.log
    ├── run/                locks, the state of the running server
    └── neo4j/
        ├── conf/neo4j.conf written at each start
        ├── data/           the graph
        ├── plugins/        links to the jars that offer procedures; jars of one's own may lie here too
        ├── import/         what LOAD CSV may read
        └── aside/          the data that a restore is replacing; empty otherwise
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from graph.model.errors import StartError
from graph.server.files import write_atomic


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one home."""

    home: Path

    @property
    def password(self) -> Path:
        """The file that holds it."""
        return self.home / "password"

    @property
    def logs(self) -> Path:
        """The folder of all logs."""
        return self.home / "logs"

    @property
    def log(self) -> Path:
        """What the process prints: the log to read first."""
        return self.logs / "neo4j.log"

    @property
    def run(self) -> Path:
        """Locks and state."""
        return self.home / "run"

    @property
    def state(self) -> Path:
        """What is known about the running server."""
        return self.run / "server.json"

    @property
    def neo4j(self) -> Path:
        """What belongs to Neo4j alone."""
        return self.home / "neo4j"

    @property
    def conf(self) -> Path:
        """The folder of neo4j.conf."""
        return self.neo4j / "conf"

    @property
    def data(self) -> Path:
        """The graph."""
        return self.neo4j / "data"

    @property
    def plugins(self) -> Path:
        """Jars that Neo4j scans for procedures."""
        return self.neo4j / "plugins"

    @property
    def aside(self) -> Path:
        """The data that a restore is replacing."""
        return self.neo4j / "aside"

    def create(self) -> None:
        """Make the folders; the home is closed to other users when it is made here."""
        # Another process may make it in the same moment.
        self.home.mkdir(parents=True, mode=0o700, exist_ok=True)
        for folder in (self.logs, self.run, self.conf, self.data, self.plugins, self.neo4j / "import"):
            folder.mkdir(parents=True, exist_ok=True)

    def read_password(self) -> str:
        """The graph's password. Raises StartError when the file that holds it is gone."""
        with suppress(FileNotFoundError):
            kept = self.password.read_text(encoding="utf-8").strip()
            if kept:
                return kept
        raise StartError(
            f"the graph in {self.home} has a password, but the file {self.password} that held it is gone; "
            "put it back from a copy, or delete the graph with: crashgraph db reset"
        )

    def make_password(self) -> str:
        """The password kept here, or a fresh one where there is none; for a graph that has none yet."""
        with suppress(StartError):
            return self.read_password()
        # Hexadecimal: a "-" or "@" at its start would mean something to the administration tool.
        fresh = secrets.token_hex(20)
        write_atomic(self.password, fresh + "\n", mode=0o600)
        return fresh

    @property
    def is_new(self) -> bool:
        """Whether Neo4j never started on this data, so that the initial password still counts."""
        return not (self.data / "databases" / "system").exists()

    def size(self) -> int:
        """Bytes on disk of all that the home keeps."""
        total = 0
        for folder, _, files in os.walk(self.home):
            for name in files:
                with suppress(OSError):
                    total += allocated(Path(folder, name))
        return total


def link_plugins(plugins: Path, jars: Iterable[Path], cache_dir: Path) -> None:
    """Make ``plugins`` link to exactly these jars of the cache; jars that a user put there stay."""
    wanted = {jar.name: jar for jar in jars}
    for present in plugins.iterdir():
        if present.is_symlink() and _points_into(present, cache_dir) and not _links_to(present, wanted.get(present.name)):
            present.unlink()
    for name, jar in wanted.items():
        if not (plugins / name).exists():
            _link(jar, plugins / name)


def allocated(path: Path) -> int:
    """Bytes that a file takes on disk; Neo4j's files may be long and mostly holes."""
    found = path.lstat()
    return found.st_blocks * 512 if hasattr(found, "st_blocks") else found.st_size


def _points_into(link: Path, folder: Path) -> bool:
    return link.readlink().is_relative_to(folder)


def _links_to(link: Path, target: Path | None) -> bool:
    return target is not None and link.readlink() == target


def _link(target: Path, link: Path) -> None:
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(target)
    except OSError:
        # Windows lets only some users make links.
        shutil.copy2(target, link)
