"""A line with which the telling of a native error begins, and what is understood of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

LINE_LIMIT = 20_000
"""Characters of a line that are looked at."""


class Role(Enum):
    """What a head tells: an error, a failed check that ends the process, a hint that only matters if it ends, or its end."""

    ERROR = "error"
    FAILED_CHECK = "claim"
    WARNING = "hint"
    TERMINATION = "end"


@dataclass(slots=True)
class SanitizerHeader:
    """The first lines of something told: where they stand, the type and message so far, and what else they say.

    ``tool`` is the sanitizer or engine, empty for the program itself; ``place`` is ``file:line`` of a failed check.
    """

    start: int
    end: int
    role: Role
    error_type: str
    message: str
    tool: str = ""
    place: str = ""
    pid: str = ""
    body: str = ""
    cut: bool = False
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A line of a text that holds a literal: its offsets, its beginning, and where in it the literal stands."""

    text: str
    start: int
    end: int
    line: str
    at: int


HeaderReader = Callable[[CandidateLine], SanitizerHeader | None]
