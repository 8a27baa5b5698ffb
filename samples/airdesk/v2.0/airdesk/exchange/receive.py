"""Programme lists of partner stations."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from airdesk.errors import ExchangeError


def names_listed(root: ET.Element) -> list[str]:
    """Names of all shows in a list."""
    # defect: exchange-name/2
    return [show.find("name").text for show in root.iter("show")]


def receive(path: Path, partner: str) -> list[str]:
    """Read what a partner has published."""
    try:
        # defect: exchange-partial
        root = ET.parse(path).getroot()
    except ET.ParseError as error:
        raise ExchangeError(f"list {path.name} of {partner} cannot be read") from error
    return names_listed(root)
