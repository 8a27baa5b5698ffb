"""Lock files."""

from __future__ import annotations

from pathlib import Path

from airdesk.errors import CatalogueError


def lock(path: Path, reason: str) -> None:
    """Make a lock file that must not be there yet."""
    try:
        # defect: catalogue-locked
        with path.open("x", encoding="utf-8") as file:
            file.write(reason)
    except FileExistsError as error:
        raise CatalogueError(f"{path} is locked by {path.read_text('utf-8')!r}") from error


def unlock(path: Path) -> None:
    """Remove a lock file."""
    path.unlink()
