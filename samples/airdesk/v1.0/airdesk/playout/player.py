"""The player: what is on air right now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Item:
    """Something that is being shown."""

    house_id: str
    frames: int


@dataclass
class Player:
    """State of the play-out."""

    current: Item | None = None
    log: list[dict[str, Any]] = field(default_factory=list)

    def start(self, items: list[dict[str, Any]]) -> None:
        """Show the first item of a list."""
        self.current = Item(items[0]["house_id"], items[0]["frames"])

    def log_as_run(self, at: datetime) -> dict[str, Any]:
        """Write down what is on air."""
        # defect: asrun-current
        entry = {"house_id": self.current.house_id, "frames": self.current.frames, "at": at.isoformat()}
        self.log.append(entry)
        return entry
