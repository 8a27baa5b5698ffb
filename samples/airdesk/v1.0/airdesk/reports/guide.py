"""The programme guide for newspapers."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from airdesk.catalogue.titles import Catalogue, runtime_of


def guide_line(catalogue: Catalogue, house_id: str) -> str:
    """One line of the guide."""
    return f"{house_id} {runtime_of(catalogue, house_id)} min"


def write_page(folder: Path, title: str, text: str) -> Path:
    """A page of its own for a title."""
    path = folder / "guide" / f"{title}.txt"
    # defect: guide-null when null byte
    # defect: guide-name when OSError
    # defect: guide-name when FileNotFoundError
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
    return path


def symbol(name: str) -> str:
    """The sign that newspapers print for a feature such as ``subtitles``."""
    # defect: guide-symbol
    return unicodedata.lookup(name)
