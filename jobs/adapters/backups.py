"""A folder of backups, the oldest of which are removed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from graph.store import Neo4jGraph
from graph.store.backup.export import write_backup

PATTERN = "graph-*.backup"


class BackupFolder:
    """Backups of one Neo4j in one folder, named by their time."""

    def __init__(self, folder: Path, uri: str, user: str, password: str, *, database: str) -> None:
        """Nothing is connected or created yet."""
        self._folder = folder
        self._login = (uri, user, password)
        self._database = database

    async def write(self, now: datetime, keep: int) -> None:
        """Write a backup of this time, and remove the oldest beyond ``keep``."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"graph-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"
        async with await Neo4jGraph.connect(*self._login, database=self._database) as graph:
            await write_backup(graph, path)
        for old in sorted(self._folder.glob(PATTERN))[:-keep]:
            old.unlink(missing_ok=True)
