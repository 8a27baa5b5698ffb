"""Crashes that are accepted and not in the graph yet, as seen by what changes stored crashes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from graph.ingest.prepare import PreparedCrash

Change: TypeAlias = Callable[[PreparedCrash], PreparedCrash | None]
"""What a crash becomes: itself if it does not change, ``None`` if it is dropped."""


@dataclass(frozen=True, slots=True)
class WaitingChanges:
    """Ids of the crashes that were changed or dropped; ``unread`` counts reports that only another version can read."""

    ids: tuple[str, ...] = ()
    unread: int = 0


class WaitingReports(Protocol):
    """The crashes that wait to be stored, of all services of an installation."""

    async def change(self, change: Change, *, dry_run: bool = False) -> WaitingChanges:
        """Change each of them, so that whatever is stored after it returns is changed; with ``dry_run`` nothing is written."""
        ...
