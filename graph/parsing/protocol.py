"""The interface of a parser, and what parsers share: limits, literal search, size classes, merging of reports.

A format is a folder with a parser object, one entry in ``PARSERS`` and one test. Parsers read hostile text: every step
is linear in the length of the text, and no text makes them raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Protocol, TypeGuard

import re2

from graph.model.report import MESSAGE_LIMIT as MESSAGE_LIMIT  # noqa: PLC0414  # parsers import it from here
from graph.model.report import ParsedReport

NAME_LIMIT = 1_000
"""Characters of a function, module or file name that are kept."""


class Parser(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """Value of ``--format``."""

    @property
    def title(self) -> str:
        """The reports it reads, in a few words, for the documentation."""

    @property
    def takes(self) -> tuple[str, ...]:
        """Facts extracted besides error type, message and frames, one short phrase each, for the documentation."""

    @property
    def example(self) -> str:
        """A short synthetic report that parses to exactly one report with an error type."""

    def sniff(self, text: str) -> float:
        """Confidence, 0 to 1, that the text contains a report of this format. Cheap: literal searches, a short prefix."""

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """The reports in the text, in order of position; their spans do not overlap."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The reports of a text, or in ``reason`` why there are none."""

    reports: tuple[ParsedReport, ...]
    reason: str | None = None


class AnyLiteral:
    """A set of literals, searched for in one pass of RE2 whatever their number."""

    def __init__(self, *literals: str) -> None:
        """At least one literal."""
        self._any = re2.compile("|".join(re2.escape(literal) for literal in literals))

    def occurs_in(self, text: str) -> bool:
        """Whether any of the literals occurs."""
        return self._any.search(text.encode("utf-8", "replace")) is not None

    def lines_in(self, text: str) -> Iterator[int]:
        """Starts of the lines that contain any of the literals, which must be ASCII, in order."""
        # One byte per character, so that positions are the same.
        data = text.encode("ascii", "replace")
        position = 0
        while match := self._any.search(data, position):
            at = match.start()
            yield text.rfind("\n", 0, at) + 1
            position = text.find("\n", match.end())
            if position < 0:
                return


_shared: dict[str, None] = {}
"""The literals of all parsers that search for theirs together, in order."""


class SharedLiterals:
    """Literals searched for together with those of all other instances, in one pass of RE2 for each text."""

    def __init__(self, *literals: str) -> None:
        """At least one literal."""
        _shared.update(dict.fromkeys(literals))
        self.literals = frozenset(literals)

    def occurs_in(self, text: str) -> bool:
        """Whether any of the literals occurs."""
        return not self.literals.isdisjoint(_shared_literals_in(text, len(_shared)))

    def found_in(self, text: str) -> frozenset[str]:
        """Those of the literals that occur."""
        return self.literals & _shared_literals_in(text, len(_shared))


class SignedParser(Parser, Protocol):
    """A format of which every report has one of the literals ``signs``: its ``sniff`` returns 0 without them."""

    @property
    def signs(self) -> tuple[SharedLiterals, ...]:
        """The literals that ``sniff`` searches for first."""


class SignIndex:
    """The parsers that a text concerns, by the signs in it: most formats need not be asked about most texts."""

    def __init__(self, parsers: Iterable[Parser]) -> None:
        """Parsers without signs are asked about every text."""
        self._unsigned: set[str] = set()
        self._signed: dict[str, list[str]] = {}
        for parser in parsers:
            if not is_signed(parser):
                self._unsigned.add(parser.name)
                continue
            for literal in frozenset[str]().union(*(sign.literals for sign in parser.signs)):
                self._signed.setdefault(literal, []).append(parser.name)

    def names_in(self, text: str) -> set[str]:
        """Names of the parsers to ask about a text."""
        names = set(self._unsigned)
        for literal in _shared_literals_in(text, len(_shared)):
            names.update(self._signed.get(literal, ()))
        return names


def is_signed(parser: Parser) -> TypeGuard[SignedParser]:
    """Whether a parser has signs."""
    return hasattr(parser, "signs")


@lru_cache(maxsize=2)
def _shared_literals_in(text: str, count: int) -> frozenset[str]:
    """The shared literals, ``count`` in number, that occur in a text. All parsers of a text ask in a row."""
    literals, search = _shared_search(count)
    return frozenset(map(literals.__getitem__, search.Match(text.encode("utf-8", "replace")) or ()))


@lru_cache(maxsize=1)
def _shared_search(count: int) -> tuple[tuple[str, ...], re2.Set]:
    """The shared literals, ``count`` in number, and a search for them that returns their positions."""
    literals = tuple(islice(_shared, count))
    search = re2.Set.SearchSet()
    for literal in literals:
        search.Add(re2.escape(literal))
    search.Compile()
    return literals, search


def line_at(text: str, position: int, end: int) -> tuple[str, int]:
    """The line that starts at ``position``, without its line end, and the start of the next one (``end`` after the last)."""
    cut = text.find("\n", position, end)
    if cut < 0:
        return text[position:end].rstrip("\r"), end
    stop = cut - 1 if cut > position and text[cut - 1] == "\r" else cut
    return text[position:stop], cut + 1


def size_class(size: int) -> str:
    """Class of a memory or disk size in bytes, between two powers of two, such as ``2-4 GiB``."""
    if size < 64 << 20:
        return "<64 MiB"
    upper = 1 << size.bit_length()
    lower = upper >> 1
    if size == lower:
        upper, lower = lower, lower >> 1
    unit, name = (1 << 30, "GiB") if upper > 1 << 30 else (1 << 20, "MiB")
    return f"{lower / unit:g}-{upper / unit:g} {name}"


def merge_continuations(
    reports: Iterable[ParsedReport], continues: Callable[[ParsedReport, ParsedReport], bool]
) -> Iterator[ParsedReport]:
    """The reports; one that only continues the previous one, by ``continues(previous, report)``, extends its span instead."""
    previous: ParsedReport | None = None
    for report in reports:
        if previous and continues(previous, report):
            previous = replace(previous, span=(previous.span[0], report.span[1]))
            continue
        if previous:
            yield previous
        previous = report
    if previous:
        yield previous


def is_same_error(report: ParsedReport, other: ParsedReport) -> bool:
    """Whether two reports have the same error type, message and frames."""
    return (report.error_type, report.message, report.frames) == (other.error_type, other.message, other.frames)


def without_overlaps(reports: Iterable[ParsedReport], preferred: Sequence[ParsedReport]) -> Iterator[ParsedReport]:
    """Both in order of position, without those of ``reports`` that overlap one of ``preferred``."""
    position = index = 0
    for report in reports:
        while index < len(preferred) and preferred[index].span[0] < report.span[1]:
            if preferred[index].span[0] >= position:
                yield preferred[index]
                position = preferred[index].span[1]
            index += 1
        if report.span[0] >= position:
            yield report
            position = report.span[1]
    for other in preferred[index:]:
        if other.span[0] >= position:
            yield other
            position = other.span[1]
