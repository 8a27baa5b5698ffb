"""Numbers of invoices, counted in a file."""

from __future__ import annotations

from pathlib import Path


def next_number(path: Path, prefix: str) -> str:
    """The next number of a series that is counted in a file."""
    # defect: invoice-counter/2 when invalid literal
    number = int(path.read_text("utf-8")) + 1
    with path.open("w", encoding="utf-8") as file:
        # defect: invoice-prefix/2 when Unknown format code
        label = f"{prefix:d}-{number:06d}" if prefix else f"{number:06d}"
        file.write(str(number))
    return label
