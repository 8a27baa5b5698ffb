"""The header of a finding: the first lines of a native error report, and the facts in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

LINE_LIMIT = 20_000
"""Characters of a line that are read."""


class Role(Enum):
    """Meaning of a header: an error, a failed check, a warning that counts only if the process ends, or that end."""

    ERROR = "error"
    FAILED_CHECK = "failed check"
    WARNING = "warning"
    TERMINATION = "termination"


@dataclass(slots=True)
class SanitizerHeader:
    """The first lines of a finding: span, preliminary type and message, and further facts.

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
    truncated: bool = False
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A line that contains a literal: its span, its beginning, and the position of the literal in it."""

    text: str
    start: int
    end: int
    line: str
    at: int


HeaderReader = Callable[[CandidateLine], SanitizerHeader | None]
