"""The programme guide for newspapers."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from airdesk.catalogue.runtimes import runtime_of
from airdesk.catalogue.titles import Catalogue

SOUNDS = ("AUDIO DESCRIPTION", "DOLBY")


def guide_line(catalogue: Catalogue, house_id: str) -> str:
    """One line of the guide."""
    return f"{house_id} {runtime_of(catalogue, house_id)} min"


def write_page(folder: Path, title: str, text: str) -> Path:
    """A page of its own for a title."""
    path = folder / "guide" / f"{title}.txt"
    # defect: guide-null/2 when null byte
    # defect: guide-name/2 when OSError
    # defect: guide-name/2 when FileNotFoundError
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
    return path


def sound_sign(name: str) -> str:
    """The sign of how it sounds."""
    # defect: guide-sound
    return unicodedata.lookup(name)


def picture_sign(name: str) -> str:
    """The sign of what it looks like."""
    # defect: guide-picture
    return unicodedata.lookup(name)


def symbol(name: str) -> str:
    """The sign that newspapers print for a feature such as ``subtitles``."""
    return sound_sign(name) if name in SOUNDS else picture_sign(name)
