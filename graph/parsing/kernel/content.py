"""Collect the lines of one kernel report: its span, facts, stacks, and the lock sites it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graph.parsing.kernel.facts import KernelFacts
from graph.parsing.kernel.frames import NUMBERED, OFFSET, clean_name
from graph.parsing.kernel.kinds import FUNCTION, ReportKind
from graph.parsing.kernel.lines import KernelLine, line_of
from graph.parsing.kernel.stack import KernelStacks

IDLE_LINES = 150
"""Consecutive irrelevant lines after which a report ends."""
ABOVE_LINES = 12
"""Lines above the header that are searched for the opening line of the report."""
ABOVE_LENGTH = 1_000
PLACES = 2
"""Maximum number of lock sites: the lock wanted and the lock held."""
OPENING = ("[ cut here ]", "8<--- cut here", "==========")
# Lines of registers, memory, locks and the like: part of the report, but without facts of interest.
DETAIL = re.compile(
    r"\s{0,40}+(?:[A-Z][A-Z0-9]{1,2} ?:|[A-Z]{2,6}: 0|x\d{1,2} ?:|[a-z]{1,2}\d{0,2} {0,3}: |Code:|-{2,}\[|={8}|Oops"
    r"|>?[0-9a-f]{8,16}:|#\d{1,3}: |-> #|lock\(|other info|stack backtrace|Kernel Offset|Rebooting|Dumping ftrace"
    r"|Possible unsafe|\*\*\* DEADLOCK|The buggy|page:|flags:|raw:|<[/A-Z]|PGD|pgd|Stack:|Memory state|Process "
    r"|unreferenced object|hex dump|backtrace|comm )"
)
PC = r"(?:\[<?[0-9a-fx]{4,18}>?\] {0,4})"
LOCK_SITE = re.compile(
    rf"(?:{PC}|at: {{0,2}}{PC}?)(?P<name>{FUNCTION}){OFFSET}|(?:last function: |at: )(?P<bare>[A-Za-z_][\w.$]{{0,300}}+)"
)


@dataclass(frozen=True, slots=True)
class KernelHeader:
    """The line that identifies a report, and the kind of report."""

    line: KernelLine
    kind: ReportKind
    match: re.Match[str]

    @property
    def function(self) -> str:
        """The function that the line names; empty if it names none."""
        name = self.match[self.kind.function] if self.kind.function else None
        return clean_name(name) if name else ""


@dataclass(slots=True)
class KernelContent:
    """Contents of a report. ``own`` are the stacks of its thread, ``others`` those printed meanwhile by other threads.

    ``above`` are the lines between the opening line and the header, ``next`` is the first line after the header.
    """

    start: int
    end: int
    facts: KernelFacts = field(default_factory=KernelFacts)
    own: KernelStacks = field(default_factory=KernelStacks)
    others: dict[str, KernelStacks] = field(default_factory=dict)
    above: tuple[str, ...] = ()
    next: str = ""
    places: list[str] = field(default_factory=list)
    """Functions at the lock sites, read after the announcing words."""
    announced: bool = False

    def read_line(self, line: KernelLine, header: KernelHeader) -> bool:
        """Read one line; returns whether it belongs to the report."""
        if line.tag and header.line.tag and line.tag != header.line.tag:
            self.others.setdefault(line.tag, KernelStacks()).read_line(line.body)
            return False
        self.next = self.next or line.body
        self._look_for_places(line.body, header.kind)
        if self.own.read_line(line.body):
            self.facts.read_arch(line.body)
            return True
        return self.facts.read_line(line.body) or DETAIL.match(line.body) is not None

    def _look_for_places(self, body: str, kind: ReportKind) -> None:
        if not kind.place or len(self.places) >= (PLACES if kind.with_held_lock else 1):
            return
        self.announced = self.announced or kind.place in body
        match = LOCK_SITE.search(body) if self.announced else None
        if match:
            self.places.append(clean_name(match["name"] or match["bare"]))


def read_content(text: str, header: KernelHeader, followers: Sequence[KernelHeader], floor: int, limit: int) -> KernelContent:
    """Read the report of ``header`` with its consequences, between ``floor`` and ``limit``."""
    start, above = _opening(text, header, floor)
    content = KernelContent(start, header.line.end, above=above)
    content.facts.read_line(header.line.body)
    for follower in followers:
        _read_until(text, content, header, follower.line.start)
        # A consequence may be printed further down; the report continues there.
        content.read_line(follower.line, header)
        content.end = max(content.end, follower.line.end)
    _read_until(text, content, header, limit)
    return content


def _read_until(text: str, content: KernelContent, header: KernelHeader, stop: int) -> None:
    position, idle = max(content.end, header.line.end), 0
    while position < stop and idle < IDLE_LINES:
        line = line_of(text, position, stop)
        position = line.end
        # In a log with kernel prefixes, a line without one comes from another source, unless a symboliser replaced a frame
        # of the stack directly above.
        is_own = line.logged or not header.line.logged or (not idle and NUMBERED.match(line.body))
        if is_own and content.read_line(line, header):
            content.end, idle = line.end, 0
        else:
            idle += 1


def _opening(text: str, header: KernelHeader, floor: int) -> tuple[int, tuple[str, ...]]:
    """Start of the report, and the lines between its opening line and its header, which hold the text of a warning."""
    between: list[str] = []
    for line in _upwards(text, header.line.start, floor):
        if header.line.tag and line.tag and header.line.tag != line.tag:
            continue
        if any(mark in line.body for mark in OPENING):
            return line.start, tuple(reversed(between))
        between.append(line.body.strip())
    return header.line.start, ()


def _upwards(text: str, position: int, floor: int) -> Iterator[KernelLine]:
    """Yield the complete lines above ``position``, nearest first, until one is unusually long."""
    for _ in range(ABOVE_LINES):
        least = max(floor, position - ABOVE_LENGTH)
        start = text.rfind("\n", least, max(position - 1, least)) + 1 or least
        if position <= floor or (start and text[start - 1] != "\n"):
            return
        yield line_of(text, start, position)
        position = start
