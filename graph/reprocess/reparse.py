"""Reparse stored crashes: run the redacted report through the current parsers and fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.fingerprint.normalisation import normalise_symbol
from graph.model.errors import InvalidInputError
from graph.model.report import ParsedReport, StackFrame
from graph.parsing.read import read
from graph.rules.culprit import culprit
from graph.sources.submission import STRUCTURED, platform_of

CACHED_REPORTS = 1_024
"""Number of cached fingerprints; a recurring fault often sends the same text."""
FRAME_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class ReparseSource:
    """The stored input of a fingerprint. ``functions`` are those of the frames of the crash's signature."""

    format: str
    report: str
    error_type: str
    message: str
    functions: frozenset[str] = frozenset()


class Reparser:
    """Computes current fingerprints of stored reports."""

    def __init__(self, make: Callable[[ParsedReport], Fingerprint] = fingerprint) -> None:
        """``make`` computes the fingerprint of a parsed report."""
        self._make = make
        self.fingerprint = lru_cache(maxsize=CACHED_REPORTS)(self._fingerprint)
        """The fingerprint of a stored report; ``None`` if no parser reads it any longer; cached."""

    def _fingerprint(self, stored: ReparseSource) -> Fingerprint | None:
        parsed = reparse(stored)
        return None if parsed is None else self._make(parsed)


def reparse(stored: ReparseSource) -> ParsedReport | None:
    """The report as parsed now; of several in one text, the one with the crash's type and message."""
    if stored.format == STRUCTURED:
        return _structured(stored)
    for format in (stored.format, "auto"):
        with suppress(InvalidInputError):
            reports = read(stored.report, format).reports
            if reports:
                same = (one for one in reports if (one.error_type, one.message) == (stored.error_type, stored.message))
                return next(same, reports[0])
    return None


def _structured(stored: ReparseSource) -> ParsedReport:
    """An exception with frames, from its rendering (:meth:`graph.sources.submission.Submission.text`)."""
    frames = tuple(_frames(stored.report, stored.functions))
    platform = platform_of(frames)
    blamed = culprit(frames, platform)
    return ParsedReport(STRUCTURED, stored.error_type, stored.message, frames, blamed, platform=platform)


def _frames(text: str, functions: Collection[str]) -> Iterator[StackFrame]:
    for line in text.split("\n", FRAME_LIMIT)[:FRAME_LIMIT]:
        if not line.startswith("  at ") or len(line) == len("  at "):
            continue
        text_of_frame, times = _cut(line[len("  at ") :], " [", " times]")
        name, place = _cut(text_of_frame, " (", ")")
        file, colon, number = place.rpartition(":")
        is_line = bool(colon) and number.isascii() and number.isdigit() and len(number) <= 9
        module, function = _split(name, functions)
        yield StackFrame(
            function,
            module,
            (file if is_line else place) or None,
            int(number) if is_line else None,
            repeated=int(times) if times.isascii() and times.isdigit() and len(times) <= 9 else 1,
        )


def _cut(text: str, opening: str, closing: str) -> tuple[str, str]:
    """The text without the brackets at its end, and their content."""
    start = text.rfind(opening)
    if start < 0 or not text.endswith(closing):
        return text, ""
    return text[:start], text[start + len(opening) : -len(closing)]


def _split(name: str, functions: Collection[str]) -> tuple[str, str]:
    """Module and function of a qualified name, split before a known function, else at the last dot."""
    if name in functions or normalise_symbol(name) in functions:
        return "", name
    place = name.rfind(".")
    first = place
    for _ in range(8):
        if place <= 0:
            break
        if normalise_symbol(name[place + 1 :]) in functions:
            return name[:place], name[place + 1 :]
        place = name.rfind(".", 0, place)
    return (name[:first], name[first + 1 :]) if 0 < first < len(name) - 1 else ("", name)
