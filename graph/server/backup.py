"""Dump, restore and deletion of the graph of a home while its server is stopped.

``neo4j-admin database dump`` and ``load`` work offline with one file. :mod:`graph.store.backup` works while the server runs.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.model.errors import InvalidInputError, NotFoundError, ServerError, UncleanStopError
from graph.server.command import Toolbox
from graph.server.values import Stage

DATABASE = "neo4j"
PARTS = ("databases", "transactions")
"""Folders that each contain one folder per database."""


UNCLEAN = "perform recovery"
INCONSISTENT = "Inconsistencies found"


class Archive:
    """Backup and restore of the graph of one home."""

    def __init__(self, toolbox: Toolbox, report: Callable[[Stage, str], None]) -> None:
        """Works on the home of ``toolbox``; ``report`` is called at each step."""
        self.toolbox = toolbox
        self._layout = toolbox.layout
        self._report = report

    def dump(self, path: Path) -> None:
        """Write the graph to ``path``; an existing file is replaced only by a complete backup.

        Raises UncleanStopError if the server was killed, so that it must be started and stopped once first.
        """
        if not self._store("databases").is_dir():
            raise NotFoundError(f"{self._layout.home} contains no graph yet, so there is nothing to back up")
        if not path.parent.is_dir():
            raise InvalidInputError(f"cannot back up to {path}: there is no folder {path.parent}")
        self._report("backup", f"writing {path}")
        with tempfile.TemporaryDirectory(prefix=".crashgraph-backup-", dir=path.parent) as folder:
            try:
                self.toolbox.run_admin(["database", "dump", f"--to-path={folder}", DATABASE])
            except ServerError as error:
                raise UncleanStopError(str(error)) if UNCLEAN in str(error) else error from None
            (Path(folder) / f"{DATABASE}.dump").replace(path)

    def check(self) -> str | None:
        """Neo4j's own check of the files: what is inconsistent, or ``None``.

        Raises UncleanStopError as :meth:`dump` does, and ServerError if the files are too damaged to be checked.
        """
        with tempfile.TemporaryDirectory(prefix="check-", dir=self._layout.run) as folder:
            try:
                self.toolbox.run_admin(["database", "check", f"--report-path={folder}", DATABASE])
            except ServerError as error:
                if INCONSISTENT in str(error):
                    return _summary("".join(report.read_text("utf-8", "replace") for report in Path(folder).iterdir()))
                raise UncleanStopError(str(error)) if UNCLEAN in str(error) else error from None
        return None

    def verify(self, path: Path) -> None:
        """Raise NotFoundError or InvalidInputError if ``path`` is not a backup. The server may be running."""
        if not path.is_file():
            raise NotFoundError(f"there is no backup {path}")
        try:
            with path.open("rb") as file:
                self.toolbox.run_admin(["database", "load", "--from-stdin", "--info", DATABASE], stdin=file)
        except ServerError as error:
            raise InvalidInputError(
                f"{path} is not a backup that crashgraph can restore; the graph is unchanged. {error}"
            ) from error

    def load(self, path: Path) -> None:
        """Replace the graph with the verified backup ``path``; if that fails, the present graph is put back."""
        self._report("restore", f"loading {path}")
        try:
            with self.replaced(), path.open("rb") as file:
                self.toolbox.run_admin(["database", "load", "--from-stdin", DATABASE], stdin=file)
        except ServerError as error:
            raise InvalidInputError(f"{path} could not be restored; the graph is unchanged. {error}") from error

    @contextmanager
    def replaced(self) -> Iterator[None]:
        """Set the graph aside while the block makes another; if it fails, the present one is put back."""
        self._set_aside()
        try:
            yield
        except BaseException:
            self.recover()
            raise
        self._drop_aside()

    def delete(self) -> None:
        """Delete the whole data folder, including users; the next start creates a new one."""
        shutil.rmtree(self._layout.data)
        shutil.rmtree(self._layout.aside, ignore_errors=True)
        self._layout.create()

    def recover(self) -> None:
        """Put back what an interrupted restore had set aside, if anything."""
        if not self._layout.aside.exists():
            return
        for part in PARTS:
            original = self._layout.aside / part
            if original.exists():
                shutil.rmtree(self._store(part), ignore_errors=True)
                original.replace(self._store(part))
        shutil.rmtree(self._layout.aside)

    def _set_aside(self) -> None:
        self._layout.aside.mkdir()
        for part in PARTS:
            if self._store(part).exists():
                self._store(part).replace(self._layout.aside / part)

    def _drop_aside(self) -> None:
        """Commit with one rename: after it, an interrupted process leaves only garbage, never the old graph."""
        garbage = self._layout.aside.with_name("aside.old")
        shutil.rmtree(garbage, ignore_errors=True)
        self._layout.aside.replace(garbage)
        shutil.rmtree(garbage)

    def _store(self, part: str) -> Path:
        return self._layout.data / part / DATABASE


def _summary(report: str) -> str:
    """The numbers at the end of a report of Neo4j's check, and its first error."""
    numbers = ", ".join(f"{count} {kind}" for kind, count in re.findall(r"Number of inconsistent (.+): (\d+)", report))
    first = re.search(r" ERROR +(.+)", report)
    return f"inconsistent: {numbers or 'see the report'}; first error: {first.group(1) if first else 'unknown'}"
