"""Reports in a text that is too long to be held, or that is still being written: found piece by piece, none lost or doubled.

The text is read in windows. What ends well before the end of a window is complete; the next window starts behind it, at a line,
and before anything that may go on. So the reports are those of the whole text, whatever its pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from graph.model.report import ParsedReport
from graph.parsing.log.parser import NAME as LOG
from graph.parsing.log.parser import is_log
from graph.parsing.protocol import Reading
from graph.parsing.python.warning import NAME as WARNING
from graph.parsing.read import FORMATS, read
from graph.parsing.text.terminal import clean

WINDOW = 4 << 20
"""Characters that are read at a time."""
MARGIN = 128 << 10
"""Characters that must follow a report before it counts as complete: more than any format's parts lie apart."""
WINDOW_LIMIT = 64 << 20
"""Characters of the longest report that is read as one."""
CONTEXT = 32 << 10
"""Characters before a window that are looked at again, so that a report is seen with the one before it."""
PROGRESS = 4
LAST = ",".join(name for name in FORMATS if name in {LOG, WARNING})
"""Formats that are read where no other is found."""
OTHERS = ",".join(name for name in FORMATS if name not in {LOG, WARNING})
ALL = ",".join(FORMATS)


@dataclass(frozen=True, slots=True)
class LocatedReport:
    """A report, the text it was read from, and where that starts in the whole text, in characters."""

    report: ParsedReport
    text: str
    start: int


class ReportSegmenter:
    """Reads one text as it comes."""

    def __init__(self, format: str = "auto", *, window: int = WINDOW, margin: int = MARGIN, limit: int = WINDOW_LIMIT) -> None:
        """``format`` as for :func:`graph.parsing.read.read`; sizes in characters."""
        self._format = format
        self._window = self._goal = window
        self._margin = margin
        self._limit = limit
        self._pieces: list[str] = []
        self._size = 0
        self._lead = 0
        self._last: tuple[int, int] | None = None
        self._plain: bool | None = None
        self._others = False
        self.start = 0
        """Where what is not yet told starts in the whole text."""
        self.found = 0
        self.reason: str | None = None
        """Why the last window held nothing."""

    @property
    def size(self) -> int:
        """Characters that are not yet told."""
        return self._size

    def feed(self, piece: str) -> Iterator[LocatedReport]:
        """The reports that are complete now that a piece has been added."""
        self.add(piece)
        while self._size >= self._goal:
            yield from self._told(self._size - self._margin)

    def settled(self, until: int | None = None) -> Iterator[LocatedReport]:
        """The reports that end before a position of the whole text, which nothing will be added to; without one, all."""
        if self._size:
            yield from self._told(self._size if until is None else min(until - self.start, self._size))

    def add(self, piece: str) -> None:
        """Add a piece without reading it."""
        self._pieces.append(piece)
        self._size += len(piece)

    def _told(self, settled: int) -> Iterator[LocatedReport]:
        text, lead = "".join(self._pieces), self._lead
        reading = self._read(text)
        self.reason = reading.reason
        reports = [one for one in reading.reports if one.span[0] >= lead]
        done = list(takewhile(lambda one: one.span[1] <= lead + settled, reports))
        cut = self._cut(text, lead + settled, done, reports[len(done) :])
        if (cut - lead) * PROGRESS < self._size and settled < self._size and self._size >= self._goal:
            if self._size < self._limit:
                self._goal = min(2 * self._goal, self._limit)
            else:
                # A report that goes on for longer than can be held is told in parts.
                done, cut = reports, len(text)
        else:
            self._goal = max(self._window, len(text) - cut + self._window // 2)
        for report in done:
            start, end = report.span
            yield LocatedReport(replace(report, span=(0, end - start)), text[start:end], self.start + start - lead)
        self.found += len(done)
        self._others = self._others or any(report.format not in {LOG, WARNING} for report in done)
        self._go_on(text, cut, done[-1].span if done else self._last)

    def _cut(self, text: str, settled: int, done: Sequence[ParsedReport], rest: Sequence[ParsedReport]) -> int:
        """Where the next window starts: at a line, behind the complete reports, before what may go on."""
        if settled >= len(text):
            return len(text)
        floor = done[-1].span[1] if done else self._lead
        most = max(min(settled, rest[0].span[0]) if rest else settled, floor)
        return text.rfind("\n", floor, most) + 1 or (floor if floor > self._lead else most)

    def _go_on(self, text: str, cut: int, last: tuple[int, int] | None) -> None:
        """Drop what is told, but for what stands right before the rest: some reports only tell how that one ended."""
        begin = max(cut - min(CONTEXT, self._margin), 0)
        if last is not None and last[1] > begin:
            begin = last[0] if last[0] >= begin else last[1]
        elif begin:
            begin = text.find("\n", begin, cut) + 1 or cut
        self._last = (max(last[0] - begin, 0), last[1] - begin) if last is not None and last[1] > begin else None
        self.start += cut - self._lead
        self._size -= cut - self._lead
        self._lead = cut - begin
        self._pieces = [text[begin:]]

    def _read(self, text: str) -> Reading:
        """The reports of a window. Whether bare log lines count is decided for the whole text, at its first window."""
        if self._format != "auto":
            return read(text, self._format)
        if self._plain is None:
            self._plain = is_log(clean(text).text)
        if self._plain:
            reading = read(text, ALL)
        else:
            reading = read(text, OTHERS)
            if not reading.reports and not self._others:
                reading = read(text, LAST)
        return reading if reading.reports else replace(reading, reason=_reason(reading))


def _reason(reading: Reading) -> str:
    said = reading.reason or ""
    return f"no known format recognised (known: {', '.join(FORMATS)})" if said.startswith("read as") else said
