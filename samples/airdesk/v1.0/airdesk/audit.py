"""The audit trail: who did what, as auditors want it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

KEEP = 500


class Trail:
    """The last things that were done."""

    def __init__(self) -> None:
        self.entries: list[str] = []

    def follow(self, command: Callable[..., Any], desk: object, arguments: dict[str, Any]) -> Any:
        """Note a command, and run it."""
        self.entries = [*self.entries[-KEEP:], command.__name__]
        return command(desk, **arguments)
