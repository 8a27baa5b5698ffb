"""Our programme list, as partner stations fetch it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

AGES = {"FSK-0": 0, "FSK-6": 6, "FSK-12": 12, "FSK-16": 16, "FSK-18": 18}


def entry(show: dict[str, Any]) -> str:
    """One show as XML."""
    # defect: exchange-age
    age = AGES[show["rating"]]
    return f'  <show id="{show["house_id"]}" age="{age}"><name>{escape(show["name"])}</name></show>\n'


def publish(path: Path, shows: list[dict[str, Any]]) -> int:
    """Write the list where partners look for it."""
    with path.open("w", encoding="utf-8") as file:
        file.write("<programme>\n")
        for show in shows:
            file.write(entry(show))
        file.write("</programme>\n")
    return len(shows)
