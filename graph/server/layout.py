"""The files of one installation.

::

    HOME/                   accessible to its owner only
    ├── password            generated once, mode 0600
    ├── logs/               Neo4j's own logs, and its standard output in neo4j.log
    ├── run/                locks, the state of the running server
    └── neo4j/
        ├── conf/neo4j.conf written at each start
        ├── data/           the graph
        ├── plugins/        links to jars with procedures; users may add their own jars
        ├── import/         files for LOAD CSV
        └── aside/          data being replaced by a restore; otherwise absent
"""

from __future__ import annotations

import errno
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
        """The password file."""
        return self.home / "password"

    @property
    def logs(self) -> Path:
        """The folder of all logs."""
        return self.home / "logs"

    @property
    def log(self) -> Path:
        """The output of the process: the log to read first."""
        return self.logs / "neo4j.log"

    @property
    def debug_log(self) -> Path:
        """What Neo4j logs in detail, as JSON lines."""
        return self.logs / "debug.log"

    @property
    def run(self) -> Path:
        """Locks and state."""
        return self.home / "run"

    @property
    def state(self) -> Path:
        """The state of the running server."""
        return self.run / "server.json"

    @property
    def ports(self) -> Path:
        """The ports of the last start, where they are kept."""
        return self.run / "ports.json"

    @property
    def neo4j(self) -> Path:
        """Neo4j's own files."""
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
        """Data being replaced by a restore."""
        return self.neo4j / "aside"

    def create(self) -> None:
        """Create the folders; a new home is accessible to its owner only. StartError if it cannot be written."""
        try:
            # Another process may create it at the same moment.
            self.home.mkdir(parents=True, mode=0o700, exist_ok=True)
            for folder in (self.logs, self.run, self.conf, self.data, self.plugins, self.neo4j / "import"):
                folder.mkdir(parents=True, exist_ok=True)
                if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        except OSError as error:
            raise StartError(
                f"the home {self.home} cannot be written ({error.filename}: {error.strerror}); "
                "make it writable for this user, or choose another with CRASHGRAPH_HOME"
            ) from error

    def read_password(self) -> str:
        """The graph's password. Raises StartError if its file is missing."""
        with suppress(FileNotFoundError):
            password = self.password.read_text(encoding="utf-8").strip()
            if password:
                return password
        raise StartError(
            f"the graph in {self.home} has a password, but its file {self.password} is missing; "
            "restore it from a copy, or delete the graph with: crashgraph db reset"
        )

    def make_password(self) -> str:
        """The stored password, or a new one; for a graph that has none yet."""
        with suppress(StartError):
            return self.read_password()
        # Hexadecimal: the administration tool interprets a leading "-" or "@".
        fresh = secrets.token_hex(20)
        write_atomic(self.password, fresh + "\n", mode=0o600)
        return fresh

    @property
    def is_new(self) -> bool:
        """Whether Neo4j has never started on this data, so that an initial password takes effect."""
        return not (self.data / "databases" / "system").exists()

    def size(self) -> int:
        """Size of the home on disk in bytes."""
        total = 0
        for folder, _, files in os.walk(self.home):
            for name in files:
                with suppress(OSError):
                    total += allocated(Path(folder, name))
        return total


def link_plugins(plugins: Path, jars: Iterable[Path], cache_dir: Path) -> None:
    """Link exactly these jars of the cache into ``plugins``; jars added by users are kept."""
    wanted = {jar.name: jar for jar in jars}
    for present in plugins.iterdir():
        if present.is_symlink() and _points_into(present, cache_dir) and not _links_to(present, wanted.get(present.name)):
            present.unlink()
    for name, jar in wanted.items():
        if not (plugins / name).exists():
            _link(jar, plugins / name)


def allocated(path: Path) -> int:
    """Size of a file on disk in bytes; Neo4j preallocates sparse files."""
    status = path.lstat()
    return status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size


def _points_into(link: Path, folder: Path) -> bool:
    return link.readlink().is_relative_to(folder)


def _links_to(link: Path, target: Path | None) -> bool:
    return target is not None and link.readlink() == target


def _link(target: Path, link: Path) -> None:
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(target)
    except OSError:
        # On Windows only some users may create links.
        shutil.copy2(target, link)
