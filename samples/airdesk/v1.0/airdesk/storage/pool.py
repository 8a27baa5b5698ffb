"""A few connections that reports and invoices take turns with."""

from __future__ import annotations

import queue
import sqlite3
from pathlib import Path

from airdesk.errors import PoolExhausted
from airdesk.storage.database import connect

PATIENCE_SECONDS = 0.005


class ConnectionPool:
    """Connections to take and to give back."""

    def __init__(self, path: Path, size: int) -> None:
        self.size = size
        self._free: queue.Queue[sqlite3.Connection] = queue.Queue()
        self._all = [connect(path) for _ in range(size)]
        for connection in self._all:
            self._free.put(connection)

    def take(self) -> sqlite3.Connection:
        """A connection; waits for one to come free."""
        try:
            # defect: pool-exhausted
            return self._free.get(timeout=PATIENCE_SECONDS)
        except queue.Empty as error:
            raise PoolExhausted(f"none of {self.size} connections came free in {PATIENCE_SECONDS} s") from error

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Let others have it."""
        self._free.put(connection)

    def close(self) -> None:
        """Close every connection, those in use too."""
        for connection in self._all:
            connection.close()
