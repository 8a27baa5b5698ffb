"""What is measured of the operations that are executed. The composition root supplies what counts."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

UNREAD = "unread"
"""Kind of a document that is not valid, so that it is not known whether it is a query."""
OK = "OK"
"""Code of an answer without errors."""


@dataclass(frozen=True, slots=True)
class Executed:
    """One query or mutation that was answered. ``nodes`` is its cost, ``None`` if it was refused before that was known."""

    kind: str
    code: str
    seconds: float
    nodes: int | None


class Measure(Protocol):
    """Counts operations."""

    def running(self) -> AbstractContextManager[object]:
        """A query or mutation is being answered while the context lasts."""

    def following(self) -> AbstractContextManager[object]:
        """A subscription is open while the context lasts."""

    def executed(self, one: Executed) -> None:
        """A query or mutation was answered."""

    def followed(self, code: str) -> None:
        """A subscription ended; the code is that of its last result."""


class _NotMeasured:
    def running(self) -> AbstractContextManager[object]:
        return nullcontext()

    def following(self) -> AbstractContextManager[object]:
        return nullcontext()

    def executed(self, one: Executed) -> None: ...

    def followed(self, code: str) -> None: ...


NOT_MEASURED: Measure = _NotMeasured()
