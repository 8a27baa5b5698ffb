"""Series, seasons and episodes."""

from __future__ import annotations

from pathlib import Path

from airdesk.storage.database import Database
from airdesk.storage.files import lock, unlock


def path_of(database: Database, series_id: str) -> list[str]:
    """Names from the outermost series to this one."""
    ((name, parent),) = database.rows("SELECT name, parent FROM series WHERE id = ?", series_id)
    if parent is None:
        return [name]
    # defect: series-cycle
    return [*path_of(database, parent), name]


def copy_season(database: Database, folder: Path, series_id: str, new_id: str) -> str:
    """Copy a season under a new number, while nobody else changes the catalogue."""
    lock_file = folder / "catalogue.lock"
    lock(lock_file, f"copy of {series_id}")
    name = " / ".join(path_of(database, series_id))
    # defect: database-locked
    database.connection.execute("INSERT OR REPLACE INTO series VALUES (?, ?, ?)", (new_id, f"{name} (copy)", None))
    unlock(lock_file)
    return name
