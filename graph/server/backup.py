"""Back up, restore and delete the graph of a home while its server is stopped.

Community has no online backup; ``neo4j-admin database dump`` and ``load`` do it offline, into and from one file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from graph.model.errors import InvalidInputError, NotFoundError, ServerError, UncleanStopError
from graph.server.command import Toolbox
from graph.server.values import Stage

DATABASE = "neo4j"
PARTS = ("databases", "transactions")
"""A database is a folder of its name in each of these."""


UNCLEAN = "perform recovery"


class Archive:
    """The graph of one home, as something to carry away and to bring back."""

    def __init__(self, toolbox: Toolbox, say: Callable[[Stage, str], None]) -> None:
        """The home is the toolbox's; ``say`` hears what is being done."""
        self.toolbox = toolbox
        self._layout = toolbox.layout
        self._say = say

    def dump(self, path: Path) -> None:
        """Write the graph to ``path``; a file that is there is replaced only by a whole backup.

        Raises UncleanStopError when the server was killed and has to start and stop once before.
        """
        if not self._store("databases").is_dir():
            raise NotFoundError(f"{self._layout.home} holds no graph yet, so there is nothing to back up")
        if not path.parent.is_dir():
            raise InvalidInputError(f"cannot back up to {path}: there is no folder {path.parent}")
        self._say("backup", f"writing {path}")
        with tempfile.TemporaryDirectory(prefix=".crashgraph-backup-", dir=path.parent) as folder:
            try:
                self.toolbox.run_admin(["database", "dump", f"--to-path={folder}", DATABASE])
            except ServerError as error:
                raise UncleanStopError(str(error)) if UNCLEAN in str(error) else error from None
            (Path(folder) / f"{DATABASE}.dump").replace(path)

    def verify(self, path: Path) -> None:
        """Raise NotFoundError or InvalidInputError when ``path`` is no backup. The server may run meanwhile."""
        if not path.is_file():
            raise NotFoundError(f"there is no backup {path}")
        try:
            with path.open("rb") as file:
                self.toolbox.run_admin(["database", "load", "--from-stdin", "--info", DATABASE], stdin=file)
        except ServerError as error:
            raise InvalidInputError(
                f"{path} is not a backup that crashgraph can restore; the graph is as it was. {error}"
            ) from error

    def load(self, path: Path) -> None:
        """Replace the graph by the one in ``path``, verified before; the present one comes back if that fails."""
        self._say("restore", f"loading {path}")
        self._set_aside()
        try:
            with path.open("rb") as file:
                self.toolbox.run_admin(["database", "load", "--from-stdin", DATABASE], stdin=file)
        except ServerError as error:
            self.recover()
            raise InvalidInputError(f"{path} could not be restored, the graph is as it was before. {error}") from error
        except BaseException:
            self.recover()
            raise
        self._drop_aside()

    def delete(self) -> None:
        """Delete the whole data folder, users included; the next start makes a new one."""
        shutil.rmtree(self._layout.data)
        shutil.rmtree(self._layout.aside, ignore_errors=True)
        self._layout.create()

    def recover(self) -> None:
        """Bring back what a restore that was killed had set aside; does nothing otherwise."""
        if not self._layout.aside.exists():
            return
        for part in PARTS:
            kept = self._layout.aside / part
            if kept.exists():
                shutil.rmtree(self._store(part), ignore_errors=True)
                kept.replace(self._store(part))
        shutil.rmtree(self._layout.aside)

    def _set_aside(self) -> None:
        self._layout.aside.mkdir()
        for part in PARTS:
            if self._store(part).exists():
                self._store(part).replace(self._layout.aside / part)

    def _drop_aside(self) -> None:
        """One rename decides; after it a killed process leaves only rubbish, never the old graph again."""
        rubbish = self._layout.aside.with_name("aside.old")
        shutil.rmtree(rubbish, ignore_errors=True)
        self._layout.aside.replace(rubbish)
        shutil.rmtree(rubbish)

    def _store(self, part: str) -> Path:
        return self._layout.data / part / DATABASE
