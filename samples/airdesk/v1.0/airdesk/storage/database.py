"""The station's database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS series (id TEXT PRIMARY KEY, name TEXT NOT NULL, parent TEXT);
CREATE TABLE IF NOT EXISTS titles (
    house_id TEXT PRIMARY KEY, name TEXT NOT NULL, runtime INTEGER NOT NULL, language TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, email TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bookings (
    spot_id TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customers (id), air_date TEXT NOT NULL, price TEXT NOT NULL
);
"""

BUSY_SECONDS = 0.005


def connect(path: Path) -> sqlite3.Connection:
    """A connection that commits each statement unless a transaction was begun."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


class Database:
    """The desk's own connection; imports have one each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = connect(path)
        self.connection.executescript(SCHEMA)
        self.importing: sqlite3.Connection | None = None

    def begin_import(self) -> sqlite3.Connection:
        """A transaction for a whole feed, kept until :meth:`end_import`."""
        if self.importing is None:
            self.importing = connect(self.path)
        # defect: import-open
        self.importing.execute("BEGIN IMMEDIATE")
        return self.importing

    def end_import(self) -> None:
        """Commit the feed."""
        if self.importing is not None:
            self.importing.execute("COMMIT")
            self.importing.close()
            self.importing = None

    def insert(self, table: str, row: dict[str, Any]) -> None:
        """Store one row."""
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        # defect: database-locked when database is locked
        # defect: title-twice when titles.house_id
        # defect: booking-foreign when FOREIGN KEY
        # defect: booking-twice when bookings.spot_id
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Roll back what is open and close."""
        if self.importing is not None:
            self.importing.close()
            self.importing = None
        self.connection.close()
