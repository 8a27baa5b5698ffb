"""A folder of backups, the oldest of which are removed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from graph.store.backup.file import check_file

PATTERN = "graph-*.backup"


class BackupFolder:
    """Backups in one folder, named by their time."""

    def __init__(
        self, folder: Path, write: Callable[[Path], Awaitable[object]], verify: Callable[[Path], Awaitable[object]]
    ) -> None:
        """``write`` makes a backup, ``verify`` restores one somewhere else and compares. Nothing is created yet."""
        self._folder = folder
        self._write = write
        self._verify = verify

    async def write(self, now: datetime, keep: int) -> None:
        """Write a backup of this time, read it again, and remove the oldest beyond ``keep``."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"graph-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"
        await self._write(path)
        await asyncio.to_thread(check_file, path)
        for old in self._all()[:-keep]:
            old.unlink(missing_ok=True)

    async def verify(self) -> Path | None:
        """Restore the newest backup somewhere else and compare; its path, or ``None`` if there is none."""
        newest = next(reversed(self._all()), None)
        if newest is not None:
            await self._verify(newest)
        return newest

    def _all(self) -> list[Path]:
        return sorted(self._folder.glob(PATTERN))
