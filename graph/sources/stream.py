"""Find reports in a text that is too long to hold or is still being written, without losing or repeating any.

The text is parsed in windows. A report that ends well before the end of its window is complete; the next window starts at a
line after the complete reports and before any report that may continue. The result equals that of parsing the whole text.
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
"""Size of a window in characters."""
MARGIN = 128 << 10
"""Characters that must follow a complete report: more than the parts of a report in any format are apart."""
WINDOW_LIMIT = 64 << 20
"""Maximum length in characters of one report."""
CONTEXT = 32 << 10
"""Characters before a window that are parsed again, so that a report is seen together with the one before it."""
PROGRESS = 4
LAST = ",".join(name for name in FORMATS if name in {LOG, WARNING})
"""Formats tried if no other format is found."""
OTHERS = ",".join(name for name in FORMATS if name not in {LOG, WARNING})
ALL = ",".join(FORMATS)


@dataclass(frozen=True, slots=True)
class LocatedReport:
    """A report, the text it was parsed from, and the start of that in the whole text, in characters."""

    report: ParsedReport
    text: str
    start: int


class ReportSegmenter:
    """Parses one text as it arrives."""

    def __init__(self, format: str = "auto", *, window: int = WINDOW, margin: int = MARGIN, limit: int = WINDOW_LIMIT) -> None:
        """``format`` as for :func:`graph.parsing.read.read`; sizes in characters."""
        self._format = format
        self._window = self._goal = window
        self._margin = margin
        self._limit = limit
        self._pieces: list[str] = []
        self._size = 0
        self._lead = 0
        self._recent: list[tuple[int, int]] = []
        self._plain: bool | None = None
        self._others = False
        self.start = 0
        """Start of the pending text in the whole text."""
        self.count = 0
        """Reports found so far."""
        self.reason: str | None = None
        """Why the last window had no report."""

    @property
    def size(self) -> int:
        """Length of the pending text in characters."""
        return self._size

    def feed(self, piece: str) -> Iterator[LocatedReport]:
        """Add a piece; the reports that are complete now."""
        self.add(piece)
        while self._size >= self._goal:
            yield from self._complete(self._size - self._margin)

    def flush(self, until: int | None = None) -> Iterator[LocatedReport]:
        """The reports that end before a position in the whole text, up to which it is final; all reports without one."""
        if self._size:
            yield from self._complete(self._size if until is None else min(until - self.start, self._size))

    def add(self, piece: str) -> None:
        """Add a piece without parsing it."""
        self._pieces.append(piece)
        self._size += len(piece)

    def _complete(self, final: int) -> Iterator[LocatedReport]:
        """The reports within the first ``final`` characters of the pending text, which is then advanced past them."""
        text, lead = "".join(self._pieces), self._lead
        reading = self._read(text)
        self.reason = reading.reason
        reports = [one for one in reading.reports if one.span[0] >= lead]
        done = _apart(list(takewhile(lambda one: one.span[1] <= lead + final, reports)), reports)
        cut = self._cut(text, lead + final, done, reports[len(done) :])
        if (cut - lead) * PROGRESS < self._size and final < self._size and self._size >= self._goal:
            if self._size < self._limit:
                self._goal = min(2 * self._goal, self._limit)
            else:
                # A report longer than the limit is returned in parts.
                done, cut = reports, len(text)
        else:
            self._goal = max(self._window, len(text) - cut + self._window // 2)
        for report in done:
            part = report.part_of(text)
            start = self.start + report.span[0] - lead
            yield LocatedReport(replace(report, span=(0, len(part)), pieces=()), part, start)
        self.count += len(done)
        self._others = self._others or any(report.format not in {LOG, WARNING} for report in done)
        self._advance(text, cut, [*self._recent, *(report.span for report in done)])

    def _cut(self, text: str, final: int, done: Sequence[ParsedReport], rest: Sequence[ParsedReport]) -> int:
        """Start of the next window: at a line, after the complete reports and before one that may continue."""
        if final >= len(text):
            return len(text)
        floor = max((report.span[1] for report in done), default=self._lead)
        most = max(min(final, rest[0].span[0]) if rest else final, floor)
        return text.rfind("\n", floor, most) + 1 or (floor if floor > self._lead else most)

    def _advance(self, text: str, cut: int, recent: Sequence[tuple[int, int]]) -> None:
        """Discard consumed text; keep the last reports as context, on which the reading of the next one depends."""
        begin = max(cut - min(CONTEXT, self._margin), 0)
        kept = [span for span in recent if span[0] >= begin]
        if kept:
            begin = kept[0][0]
        elif recent and recent[-1][1] > begin:
            begin = recent[-1][1]
        elif begin:
            begin = text.find("\n", begin, cut) + 1 or cut
        self._recent = [(span[0] - begin, span[1] - begin) for span in kept]
        self.start += cut - self._lead
        self._size -= cut - self._lead
        self._lead = cut - begin
        self._pieces = [text[begin:]]

    def _read(self, text: str) -> Reading:
        """Parse a window. Whether bare log lines count as reports is decided once, at the first window."""
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


def _apart(done: list[ParsedReport], reports: Sequence[ParsedReport]) -> list[ParsedReport]:
    """The leading complete reports that end before the next one begins: reports of interleaved sources overlap."""
    count = len(done)
    while 0 < count < len(reports):
        limit = reports[count].span[0]
        apart = next((index for index, report in enumerate(done[:count]) if report.span[1] > limit), count)
        if apart == count:
            break
        count = apart
    return done[:count]


def _reason(reading: Reading) -> str:
    reason = reading.reason or ""
    return f"no known format recognised (known: {', '.join(FORMATS)})" if reason.startswith("read as") else reason
