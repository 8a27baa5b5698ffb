"""From raw text to reports: every known format, and ``read``, which finds the reports of all of them in one text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graph.model.errors import InvalidInputError
from graph.model.report import ParsedReport
from graph.parsing.backtrace.parser import BacktraceParser
from graph.parsing.dotnet.parser import DotnetParser
from graph.parsing.faf.parser import FafParser
from graph.parsing.gdb.parser import GdbParser
from graph.parsing.go.parser import GoParser
from graph.parsing.hotspot.parser import HotspotParser
from graph.parsing.java.parser import JavaParser
from graph.parsing.javascript.parser import JavascriptParser
from graph.parsing.kernel.parser import KernelParser
from graph.parsing.log.parser import NAME as LOG
from graph.parsing.log.parser import LogParser
from graph.parsing.log.record import head_of
from graph.parsing.minidump.parser import MinidumpParser
from graph.parsing.opentelemetry.parser import OpenTelemetryParser
from graph.parsing.php.parser import PhpParser
from graph.parsing.protocol import Parser, Reading
from graph.parsing.python.parser import PythonParser
from graph.parsing.python.pysecsan import PysecsanParser
from graph.parsing.python.warning import NAME as WARNING
from graph.parsing.python.warning import PythonWarningParser
from graph.parsing.ruby.parser import RubyParser
from graph.parsing.rust.parser import RustParser
from graph.parsing.sanitizer.parser import SanitizerParser
from graph.parsing.sentry.parser import SentryParser
from graph.parsing.text.lines import is_place
from graph.parsing.text.terminal import Cleaned, clean
from graph.parsing.tombstone.parser import TombstoneParser
from graph.parsing.wcr.parser import WcrParser
from graph.parsing.windows.parser import WindowsParser
from graph.rules import table
from graph.rules.culprit import culprit


def _read_stack(text: str) -> Reading:
    """The reports in a text that a record carries as its stack; no record in it is looked for again."""
    return read(text, ",".join(name for name in FORMATS if name not in RECORDS))


RECORDS = frozenset({"opentelemetry", "sentry", LOG})
"""Formats whose reports carry the text of another one, or none."""

# The order is the order of precedence: where two formats claim the same part of a text, the earlier one keeps it.
# Bare log lines come last: they are read where nothing else was found, or where the text is plainly a log.
PARSERS: tuple[Parser, ...] = (
    MinidumpParser(),
    FafParser(KernelParser().parse),
    OpenTelemetryParser(_read_stack),
    SentryParser(),
    WcrParser(),
    PysecsanParser(),
    # Ruby's backtraces may begin with the same line as Python's, whose parser knows no frames of Ruby.
    RubyParser(),
    PythonParser(),
    HotspotParser(),
    JavaParser(),
    DotnetParser(),
    GoParser(),
    RustParser(),
    PhpParser(),
    JavascriptParser(),
    KernelParser(),
    GdbParser(),
    TombstoneParser(),
    WindowsParser(),
    BacktraceParser(),
    SanitizerParser(),
    PythonWarningParser(),
    LogParser(),
)

FORMATS = tuple(parser.name for parser in PARSERS)

PLAINLY = 0.9
"""How sure the format of bare log lines must be to be read where something else was found too."""
UNCOVERED = 60
"""Characters outside of all reports that cannot hold another record."""
ECHO_DISTANCE = 20_000
"""Characters between an error and the news of how the process ended that still belongs to it."""


def read(text: str, format: str = "auto") -> Reading:
    """Every report in the text, in order of position, or the reason why there is none.

    ``format`` is ``auto``, a name from ``FORMATS``, or several names with commas between them, of which those are read
    that recognise something; any other raises InvalidInputError. Spans count in the text as it came.
    """
    chosen = _chosen(format)
    unfit = _unfit(text)
    if unfit:
        return Reading((), unfit)
    cleaned = clean(text)
    found: list[ParsedReport] = []
    logged: Sequence[ParsedReport] = ()
    for parser in chosen:
        if parser.name == LOG and format == "auto" and _covered(cleaned.text, found):
            continue
        sure = parser.sniff(cleaned.text) if format == "auto" or len(chosen) > 1 else 1.0
        if sure <= 0 or (parser.name == WARNING and found):
            continue
        if parser.name != LOG:
            _add(found, list(parser.parse(cleaned.text)))
        elif not found or sure >= PLAINLY or format != "auto":
            logged = list(parser.parse(cleaned.text))
    found = _with_heads(cleaned.text, _without_echoes(found))
    _add(found, logged)
    if found:
        return Reading(tuple(_placed(found, cleaned)))
    if format == "auto":
        return Reading((), f"no known format recognised (known: {', '.join(FORMATS)})")
    return Reading((), f"read as {format}, but no {format} report was found in it")


def _covered(text: str, found: Sequence[ParsedReport]) -> bool:
    """Whether the reports leave no room for records of a log beside them."""
    return bool(found) and sum(end - start for start, end in (report.span for report in found)) + UNCOVERED > len(text)


def _chosen(names: str) -> tuple[Parser, ...]:
    if names == "auto":
        return PARSERS
    wanted = names.split(",")
    for name in wanted:
        if name not in FORMATS:
            raise InvalidInputError(f"format {name[:80]!r} is not known; use auto or one of {', '.join(FORMATS)}.")
    return tuple(parser for parser in PARSERS if parser.name in wanted)


def _unfit(text: str) -> str | None:
    """Why a text cannot hold a report at all."""
    if not text or text.isspace():
        return "empty: there is no text in it"
    start = text[:8192]
    odd = sum(start.count(character) for character in ("\x00", "\ufffd", "\x01", "\x02", "\x03", "\x04"))
    if odd * 20 > len(start):
        return "binary: it is not text"
    return None


def _add(found: list[ParsedReport], more: Sequence[ParsedReport]) -> None:
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


def _without_echoes(found: Sequence[ParsedReport]) -> list[ParsedReport]:
    """Reports of one crash told twice become one: the error that was raised, over the text of both."""
    kept: list[ParsedReport] = []
    for report in found:
        near = bool(kept) and report.span[0] - kept[-1].span[1] <= ECHO_DISTANCE
        if report.echo and near and not kept[-1].echo:
            kept[-1] = _with_ending(kept[-1], report)
        else:
            kept.append(report)
    return kept


def _with_ending(error: ParsedReport, ending: ParsedReport) -> ParsedReport:
    """The error, over the text of both. Where it tells no more than a place, the stack of its end says how it came there."""
    span = (error.span[0], ending.span[1])
    if not ending.frames or not all(is_place(frame) for frame in error.frames):
        return replace(error, span=span)
    # A language's own rules know its machinery; a format without rules leaves the blame as the end has it.
    blamed = culprit(ending.frames, error.format) if table(error.format) else ending.culprit
    return replace(error, span=span, frames=ending.frames, culprit=blamed)


def _with_heads(text: str, found: Sequence[ParsedReport]) -> list[ParsedReport]:
    """The reports with the record that a logger wrote above each: it is the same failure, and may tell the time."""
    kept: list[ParsedReport] = []
    for report in found:
        head = head_of(text, report.span[0], kept[-1].span[1] if kept else 0)
        if head is not None:
            at = report.occurred_at or head.at
            kept.append(replace(report, span=(head.start, report.span[1]), occurred_at=at))
        else:
            kept.append(report)
    return kept


def _placed(found: Sequence[ParsedReport], cleaned: Cleaned) -> Iterator[ParsedReport]:
    """The reports with the places of the text as it came."""
    for report in found:
        if cleaned.starts:
            yield replace(report, span=(cleaned.before(report.span[0]), cleaned.before(report.span[1])))
        else:
            yield report
