"""Lines freed from their carrier. Each one knows the part of the original text that carried it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from graph.parsing.text.times import parse_time_value

AROUND = 40
_DATED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:")
_SECOND = re.compile(r"\d\d?:\d\d:\d\d(?:[.,]\d)?")


@dataclass(frozen=True, slots=True)
class CarriedLine:
    """A line of a program.

    ``start`` and ``end`` span what carried it, prefix included; ``stamp`` is the carrier's time as written.
    """

    text: str
    start: int
    end: int
    stamp: str = ""

    def with_text(self, text: str, stamp: str = "") -> CarriedLine:
        """The line with another text; an inner carrier's time replaces none."""
        return CarriedLine(text, self.start, self.end, self.stamp or stamp)

    def extended(self, end: int, text: str = "") -> CarriedLine:
        """The line with a continuation that ends at ``end``."""
        return CarriedLine(self.text + text, self.start, end, self.stamp)

    def split(self, texts: Sequence[str], ends: Sequence[int], stamp: str = "") -> list[CarriedLine]:
        """Several lines that this one carried; ``ends`` are their ends in the original text, without the last one."""
        bounds = [self.start, *(min(max(end, self.start), self.end) for end in ends), self.end]
        return [CarriedLine(text, bounds[index], bounds[index + 1], self.stamp or stamp) for index, text in enumerate(texts)]


def lines_of(text: str) -> list[CarriedLine]:
    """The lines of a text, without line ends."""
    lines = []
    start = 0
    for line in text.split("\n"):
        lines.append(CarriedLine(line.removesuffix("\r"), start, start + len(line)))
        start += len(line) + 1
    return lines


class Part:
    """Lines that belong together, joined to a text, with a map from its positions to the original ones."""

    __slots__ = ("_starts", "lines", "text")

    def __init__(self, lines: Sequence[CarriedLine]) -> None:
        """At least one line."""
        self.lines = lines
        self.text = "\n".join(line.text for line in lines)
        self._starts = list(accumulate((len(line.text) + 1 for line in lines[:-1]), initial=0))

    def index(self, position: int) -> int:
        """Index of the line at a position."""
        return bisect_right(self._starts, position) - 1

    def original_position(self, position: int) -> int:
        """Position in the original text of a position in :attr:`text`."""
        index = self.index(position)
        line = self.lines[index]
        return line.end - len(line.text) + position - self._starts[index]

    def indices(self, span: tuple[int, int]) -> range:
        """Indices of the lines in a span."""
        first = self.index(span[0])
        return range(first, max(self.index(max(span[1] - 1, span[0])), first) + 1)

    def lines_around(self, indices: range) -> Sequence[CarriedLine]:
        """The lines at these indices, and those before and after that their carrier received together with them."""
        first, last = indices[0], indices[-1]
        while first > max(indices[0] - AROUND, 0) and _is_together(self.lines[first - 1], self.lines[first]):
            first -= 1
        while last < min(indices[-1] + AROUND, len(self.lines) - 1) and _is_together(self.lines[last + 1], self.lines[last]):
            last += 1
        return self.lines[first : last + 1]


def oldest_first(records: Sequence[list[CarriedLine]]) -> Sequence[list[CarriedLine]]:
    """The records of one source, turned round where a service lists the newest first."""
    stamps = [lines[0].stamp for lines in records if lines and lines[0].stamp]
    return records[::-1] if stamps and _is_later(stamps[0], stamps[-1]) else records


def _is_later(stamp: str, other: str) -> bool:
    """Whether a time is later than another one of the same layout."""
    times = parse_time_value(stamp), parse_time_value(other)
    if times[0] is None or times[1] is None:
        return bool(_DATED.match(stamp) and _DATED.match(other)) and stamp > other
    return times[0] > times[1]


def _is_together(line: CarriedLine, other: CarriedLine) -> bool:
    """Whether the times of two lines, as written, differ only in their last digits; without times, both have a prefix."""
    if line.stamp != other.stamp:
        return bool(line.stamp) and _SECOND.findall(line.stamp) == _SECOND.findall(other.stamp)
    return bool(line.stamp) or (_has_prefix(line) and _has_prefix(other))


def _has_prefix(line: CarriedLine) -> bool:
    """Whether the carrier wrote more on the line than the program and a carriage return."""
    return line.end - line.start > len(line.text) + len("\r")
