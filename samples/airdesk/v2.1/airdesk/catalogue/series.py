"""Series, seasons and episodes."""

from __future__ import annotations

from pathlib import Path

from airdesk.storage.database import Database
from airdesk.storage.files import lock, unlock


def breadcrumb(database: Database, series_id: str) -> list[str]:
    """Names from the outermost series to this one; a circle ends where it closes."""
    names: list[str] = []
    seen: set[str] = set()
    current: str | None = series_id
    while current is not None and current not in seen:
        seen.add(current)
        ((name, current),) = database.rows("SELECT name, parent FROM series WHERE id = ?", current)
        names.insert(0, name)
    return names


def copy_season(database: Database, folder: Path, series_id: str, new_id: str) -> str:
    """Copy a season under a new number, while nobody else changes the catalogue."""
    lock_file = folder / "catalogue.lock"
    lock(lock_file, f"copy of {series_id}")
    name = " / ".join(breadcrumb(database, series_id))
    # defect: database-locked
    database.connection.execute("INSERT OR REPLACE INTO series VALUES (?, ?, ?)", (new_id, f"{name} (copy)", None))
    unlock(lock_file)
    return name
