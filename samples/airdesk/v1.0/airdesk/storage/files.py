"""Lock files and counters."""

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


def next_number(path: Path, prefix: str) -> str:
    """The next number of a series that is counted in a file."""
    # defect: invoice-counter when invalid literal
    number = int(path.read_text("utf-8")) + 1
    with path.open("w", encoding="utf-8") as file:
        # defect: invoice-prefix when Unknown format code
        label = f"{prefix:d}-{number:06d}" if prefix else f"{number:06d}"
        file.write(str(number))
    return label
