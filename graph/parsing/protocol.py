"""What every parser offers, and the few things that several of them need.

A format is one module with a parser object, one line in ``PARSERS`` and one test. Parsers read hostile text: every
step is linear in the length of the text, and nothing a text can hold makes them raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import re2

from graph.model.report import ParsedReport

MESSAGE_LIMIT = 16_384
"""Characters of a message that are kept; the report itself is kept whole elsewhere."""

NAME_LIMIT = 1_000
"""Characters of a function, module or file name that are kept."""


class Parser(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """The name users give after ``--format``."""

    @property
    def title(self) -> str:
        """What it reads, in a few words, for people."""

    @property
    def takes(self) -> tuple[str, ...]:
        """What is taken from a report beside error type, message and frames, a short phrase each."""

    @property
    def example(self) -> str:
        """A short made-up report; parsing it gives exactly one report with an error type."""

    def sniff(self, text: str) -> float:
        """How sure it is, 0..1, that the text holds a report of this format. Cheap: literal searches and a short prefix."""

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """The reports in the text, in order of position; their spans do not overlap."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a text. ``reason`` says why nothing was, and is ``None`` when something was."""

    reports: tuple[ParsedReport, ...]
    reason: str | None = None


class Signs:
    """Many literals, of which any may occur in a text: one pass of RE2 tells, whatever their number."""

    def __init__(self, *signs: str) -> None:
        """At least one sign."""
        self._any = re2.compile("|".join(re2.escape(sign) for sign in signs))

    def within(self, text: str) -> bool:
        """Whether one of them occurs."""
        return self._any.search(text.encode("utf-8", "replace")) is not None


def line_at(text: str, position: int, end: int) -> tuple[str, int]:
    """The line that starts at ``position``, without its end, and where the next one starts (``end`` at the last)."""
    cut = text.find("\n", position, end)
    if cut < 0:
        return text[position:end].rstrip("\r"), end
    stop = cut - 1 if cut > position and text[cut - 1] == "\r" else cut
    return text[position:stop], cut + 1


def size_class(size: int) -> str:
    """A memory or disk size in bytes as a class between two powers of two, such as ``2-4 GiB``."""
    if size < 64 << 20:
        return "<64 MiB"
    upper = 1 << size.bit_length()
    lower = upper >> 1
    if size == lower:
        upper, lower = lower, lower >> 1
    unit, name = (1 << 30, "GiB") if upper > 1 << 30 else (1 << 20, "MiB")
    return f"{lower / unit:g}-{upper / unit:g} {name}"


OCCURRENCE_FACTS = frozenset(
    {
        "access",
        "access_size",
        "address",
        "blocked_seconds",
        "collector_state",
        "comm",
        "cpu",
        "created_by",
        "error_code",
        "error_file",
        "error_line",
        "error_place",
        "exception_class",
        "exception_creator",
        "fingerprint",
        "followed_by",
        "goroutine",
        "handled",
        "killed",
        "killed_pid",
        "largest_objects",
        "logger",
        "mechanism",
        "memory_eden",
        "memory_large",
        "memory_old",
        "memory_permanent",
        "memory_survivor",
        "memory_used",
        "modules",
        "os_user",
        "parameter",
        "pc",
        "pid",
        "position",
        "process",
        "process_priority",
        "quiescent_processes",
        "receiver",
        "scariness",
        "signal",
        "span",
        "suspended_processes",
        "taint",
        "test",
        "thread",
        "threads",
        "time_zone_offset",
        "transaction",
        "uid",
        "workqueue",
    }
)
"""Names in ``ParsedReport.extra`` that tell about one occurrence, not about the environment it happened in."""


def joined(reports: Iterable[ParsedReport], go_on: Callable[[ParsedReport, ParsedReport], bool]) -> Iterator[ParsedReport]:
    """The reports, those that only go on with the one before, as ``go_on(before, report)`` says, counted to its span."""
    waiting: ParsedReport | None = None
    for report in reports:
        if waiting and go_on(waiting, report):
            waiting = replace(waiting, span=(waiting.span[0], report.span[1]))
            continue
        if waiting:
            yield waiting
        waiting = report
    if waiting:
        yield waiting
