"""The desk: runs what a planner asks for, and logs what goes wrong with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airdesk import commands
from airdesk.audit import Trail
from airdesk.playout.player import Player
from airdesk.settings import Settings
from airdesk.storage.database import Database
from airdesk.storage.pool import ConnectionPool

log = logging.getLogger("airdesk")


class Desk:
    """One running airdesk of one station."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings.load(folder)
        self.database = Database(folder / "airdesk.sqlite")
        self.pool = ConnectionPool(folder / "airdesk.sqlite", size=1)
        self.player = Player()
        self.trail = Trail()

    def perform(self, action: str, **arguments: Any) -> Any:
        """Run a command by its name. What goes wrong is logged, and the answer is then ``None``."""
        command = commands.COMMANDS[action]
        try:
            return self._run(command, arguments)
        except Exception:
            log.log(commands.LEVELS[action], "%s failed", action, exc_info=True)
            return None

    def _run(self, command: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        log.debug("running %s", command.__name__)
        return self.trail.follow(command, self, arguments)

    def close(self) -> None:
        """Let go of the database."""
        self.pool.close()
        self.database.close()
