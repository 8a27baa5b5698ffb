"""From raw text to reports: every known format, and ``read``, which finds the reports of all of them in one text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from graph.ingest.parsers.base import Parser, Reading
from graph.ingest.parsers.python import PythonParser
from graph.ingest.parsers.wcr import WcrParser
from graph.model.errors import InvalidInputError
from graph.model.report import ParsedReport

# The order is the order of precedence: where two formats claim the same part of a text, the earlier one keeps it.
PARSERS: tuple[Parser, ...] = (
    WcrParser(),
    PythonParser(),
)

FORMATS = tuple(parser.name for parser in PARSERS)

LOG = "log"
"""The format of bare error lines. It is read where nothing else was found, or where the text is plainly a log."""
PLAINLY = 0.9


def read(text: str, format: str = "auto") -> Reading:
    """Every report in the text, in order of position, or the reason why there is none.

    ``format`` is ``auto`` or a name from ``FORMATS``; any other raises InvalidInputError.
    """
    chosen = _chosen(format)
    unfit = _unfit(text)
    if unfit:
        return Reading((), unfit)
    found: list[ParsedReport] = []
    for parser in chosen:
        sure = parser.sniff(text) if format == "auto" else 1.0
        if sure > 0 and (parser.name != LOG or not found or sure >= PLAINLY):
            _add(found, list(parser.parse(text)))
    if found:
        return Reading(tuple(_without_echoes(found)))
    if format == "auto":
        return Reading((), f"no known format recognised (known: {', '.join(FORMATS)})")
    return Reading((), f"read as {format}, but no {format} report was found in it")


def _chosen(name: str) -> tuple[Parser, ...]:
    if name == "auto":
        return PARSERS
    chosen = tuple(parser for parser in PARSERS if parser.name == name)
    if not chosen:
        raise InvalidInputError(f"format {name[:80]!r} is not known; use auto or one of {', '.join(FORMATS)}.")
    return chosen


def _unfit(text: str) -> str | None:
    """Why a text cannot hold a report at all."""
    if not text or text.isspace():
        return "empty: there is no text in it"
    start = text[:8192]
    odd = sum(start.count(character) for character in ("\x00", "\ufffd", "\x01", "\x02", "\x03", "\x04"))
    if odd * 20 > len(start):
        return "binary: it is not text"
    return None


def _add(found: list[ParsedReport], more: list[ParsedReport]) -> None:
    """Merge ``more`` into ``found`` (both in order), leaving out what overlaps with something already there."""
    if not found:
        found.extend(more)
        return
    starts = [report.span[0] for report in found]
    kept = []
    for report in more:
        place = bisect_right(starts, report.span[0])
        before = found[place - 1].span[1] if place else 0
        after = starts[place] if place < len(starts) else report.span[1]
        if before <= report.span[0] and report.span[1] <= after:
            kept.append(report)
    found.extend(kept)
    found.sort(key=lambda report: report.span)


def _without_echoes(found: list[ParsedReport]) -> list[ParsedReport]:
    """Reports of one crash told twice become one: the error that was raised, over the text of both."""
    kept: list[ParsedReport] = []
    for report in found:
        if report.echo and kept and not kept[-1].echo:
            kept[-1] = replace(kept[-1], span=(kept[-1].span[0], report.span[1]))
        else:
            kept.append(report)
    return kept
