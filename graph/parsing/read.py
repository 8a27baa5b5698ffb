"""All formats in order of precedence, and ``read``, which parses a raw text into reports. ``__init__`` explains the steps."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted
from graph.model.report import ParsedReport
from graph.parsing.apple.parser import AppleParser
from graph.parsing.backtrace.parser import BacktraceParser
from graph.parsing.carrier.choose import read_carried
from graph.parsing.dart.parser import DartParser
from graph.parsing.dotnet.parser import DotnetParser
from graph.parsing.erlang.elixir import ElixirParser
from graph.parsing.erlang.erlang import ErlangParser
from graph.parsing.faf.parser import FafParser
from graph.parsing.gdb.parser import GdbParser
from graph.parsing.gdscript.parser import GdscriptParser
from graph.parsing.go.parser import GoParser
from graph.parsing.haskell.parser import HaskellParser
from graph.parsing.hotspot.parser import HotspotParser
from graph.parsing.java.parser import JavaParser
from graph.parsing.javascript.parser import JavascriptParser
from graph.parsing.julia.parser import JuliaParser
from graph.parsing.kernel.parser import KernelParser
from graph.parsing.kotlin_native.parser import KotlinNativeParser
from graph.parsing.log.parser import NAME as LOG
from graph.parsing.log.parser import LogParser, log_reports
from graph.parsing.lua.parser import LuaParser
from graph.parsing.minidump.parser import MinidumpParser
from graph.parsing.opentelemetry.parser import OpenTelemetryParser
from graph.parsing.oracle.parser import OracleParser
from graph.parsing.perl.parser import PerlParser
from graph.parsing.php.parser import PhpParser
from graph.parsing.protocol import Parser, Reading, SignIndex, line_at
from graph.parsing.python.parser import PythonParser
from graph.parsing.python.pysecsan import PysecsanParser
from graph.parsing.python.warning import NAME as WARNING
from graph.parsing.python.warning import PythonWarningParser
from graph.parsing.r.parser import RParser
from graph.parsing.ruby.parser import RubyParser
from graph.parsing.rust.parser import RustParser
from graph.parsing.sanitizer.parser import SanitizerParser
from graph.parsing.sentry.parser import SentryParser
from graph.parsing.smalltalk.parser import SmalltalkParser
from graph.parsing.swift.parser import SwiftParser
from graph.parsing.text.lines import is_location_frame
from graph.parsing.text.log.record import LINE_LIMIT, is_stamped, record_above, record_layout
from graph.parsing.text.terminal import CleanedText, clean
from graph.parsing.tombstone.parser import TombstoneParser
from graph.parsing.valgrind.parser import ValgrindParser
from graph.parsing.wcr.parser import WcrParser
from graph.parsing.windows.parser import WindowsParser
from graph.rules import table
from graph.rules.culprit import culprit
from graph.rules.fault import with_fault


def _read_stack(text: str) -> Reading:
    """Read a stack trace embedded in a record, with every format that is not itself an envelope."""
    return read(text, STACK_FORMATS)


ENVELOPES = frozenset({"opentelemetry", "sentry", LOG})
"""Formats that embed the stack trace of another format, or have none."""

# In order of precedence: where two formats claim the same part of a text, the earlier one wins. Log lines come last:
# they are read where nothing else was found, or where the text is clearly a log.
PARSERS: tuple[Parser, ...] = (
    MinidumpParser(),
    AppleParser(),
    FafParser(KernelParser().parse),
    OpenTelemetryParser(_read_stack),
    SentryParser(),
    WcrParser(),
    SmalltalkParser(),
    PysecsanParser(),
    DartParser(),
    ElixirParser(),
    ErlangParser(),
    KotlinNativeParser(),
    SwiftParser(),
    LuaParser(),
    GdscriptParser(),
    HaskellParser(),
    JuliaParser(),
    RParser(),
    # A Ruby backtrace may start with the header of a Python traceback; Python's parser knows no Ruby frames.
    RubyParser(),
    PythonParser(JavaParser().parse),
    HotspotParser(),
    JavaParser(),
    DotnetParser(),
    GoParser(),
    RustParser(),
    PhpParser(),
    PerlParser(),
    JavascriptParser(),
    KernelParser(),
    ValgrindParser(),
    GdbParser(),
    TombstoneParser(),
    WindowsParser(),
    BacktraceParser(),
    SanitizerParser(),
    # The errors of a database are often the message of an exception of its client.
    OracleParser(),
    PythonWarningParser(),
    LogParser(),
)

FORMATS = tuple(parser.name for parser in PARSERS)
SIGN_INDEX = SignIndex(PARSERS)
STACK_FORMATS = ",".join(name for name in FORMATS if name not in ENVELOPES)

CLEARLY_A_LOG = 0.9
"""Confidence of the log format from which any of its lines is read although other formats found reports."""
TEST_RUNS = frozenset({"sanitizer", "valgrind"})
"""Formats of test runs, in which programs log errors on purpose: only their findings are crashes."""
UNPRINTABLE = "\x00\ufffd\x01\x02\x03\x04"
"""Characters of binary data."""
ECHO_DISTANCE = 20_000
"""Maximum characters between an error and the report of how its process ended."""


def read(text: str, format: str = "auto") -> Reading:
    """Parse every report in the text, in order of position, or give the reason why there is none.

    ``format`` is ``auto``, a name of ``FORMATS``, or several names separated by commas, of which those that recognise
    something are used; any other value raises InvalidInputError. Spans are positions in ``text``.
    """
    parsers = _select_parsers(format)
    reason = _not_text(text)
    if reason:
        return Reading((), reason)
    cleaned = clean(text)
    reports = read_carried(cleaned.text, lambda plain: _parse_plain(plain, parsers, format))
    if reports:
        return Reading(tuple(_with_original_spans(reports, cleaned)))
    if format == "auto":
        return Reading((), f"no known format recognised (known: {', '.join(FORMATS)})")
    return Reading((), f"read as {format}, but no {format} report was found in it")


def _parse_plain(text: str, parsers: Sequence[Parser], format: str) -> list[ParsedReport]:
    """The reports in a text without carriers and terminal codes."""
    reports: list[ParsedReport] = []
    records = 0.0
    asked = SIGN_INDEX.names_in(text) if len(parsers) > 1 else FORMATS
    for parser in parsers:
        if parser.name not in asked:
            continue
        if parser.name == LOG and format == "auto" and _is_covered(text, reports):
            continue
        confidence = parser.sniff(text) if format == "auto" or len(parsers) > 1 else 1.0
        if parser.name == LOG:
            records = confidence
        elif confidence > 0 and not (parser.name == WARNING and reports):
            _add_disjoint(reports, list(parser.parse(text)))
    reports = _attach_records(text, _fold_echoes(reports))
    beside = bool(reports) and records < CLEARLY_A_LOG and format == "auto"
    if records > 0 and not (beside and any(report.format in TEST_RUNS for report in reports)):
        _add_disjoint(reports, list(log_reports(text, [report.span for report in reports], beside=beside)))
        reports = _fold_echoes(reports)
    return [with_fault(report) for report in reports]


def _is_covered(text: str, reports: Sequence[ParsedReport]) -> bool:
    """Whether nothing but blank lines is outside the reports."""
    position = 0
    for report in reports:
        if text[position : report.span[0]].strip():
            return False
        position = report.span[1]
    return bool(reports) and not text[position:].strip()


@lru_cache(maxsize=16)
def _select_parsers(names: str) -> tuple[Parser, ...]:
    if names == "auto":
        return PARSERS
    selected = names.split(",")
    for name in selected:
        if name not in FORMATS:
            raise InvalidInputError(f"format {quoted(name)} is not known; use auto or one of {', '.join(FORMATS)}.")
    return tuple(parser for parser in PARSERS if parser.name in selected)


def _not_text(text: str) -> str | None:
    """Why the input cannot contain a report: it is empty or binary."""
    if not text or text.isspace():
        return "empty: there is no text in it"
    start = text[:8192]
    if sum(map(start.count, UNPRINTABLE)) * 20 > len(start):
        return "binary: it is not text"
    return None


def _add_disjoint(reports: list[ParsedReport], more: Sequence[ParsedReport]) -> None:
    """Merge ``more`` into ``reports`` (both in order), dropping those that overlap a report already there."""
    if not reports:
        reports.extend(more)
        return
    starts = [report.span[0] for report in reports]
    disjoint = []
    for report in more:
        index = bisect_right(starts, report.span[0])
        previous_end = reports[index - 1].span[1] if index else 0
        next_start = starts[index] if index < len(starts) else report.span[1]
        if previous_end <= report.span[0] and report.span[1] <= next_start:
            disjoint.append(report)
    reports.extend(disjoint)
    reports.sort(key=lambda report: report.span)


def _fold_echoes(reports: Sequence[ParsedReport]) -> list[ParsedReport]:
    """Fold the report of how a process ended into the error directly before it: both are one crash."""
    folded: list[ParsedReport] = []
    for report in reports:
        near = bool(folded) and report.span[0] - folded[-1].span[1] <= ECHO_DISTANCE
        if report.echo and near and not folded[-1].echo:
            folded[-1] = _with_ending(folded[-1], report)
        else:
            folded.append(report)
    return folded


def _with_ending(error: ParsedReport, ending: ParsedReport) -> ParsedReport:
    """The error over the text of both; an error without a stack of its own takes the stack of its ending."""
    span = (error.span[0], ending.span[1])
    if not ending.frames or not all(is_location_frame(frame) for frame in error.frames):
        return replace(error, span=span)
    # The rules of the error's language know its runtime frames; without rules the ending's culprit stays.
    blamed = culprit(ending.frames, error.format) if table(error.format) else ending.culprit
    return replace(error, span=span, frames=ending.frames, culprit=blamed)


def _attach_records(text: str, reports: Sequence[ParsedReport]) -> list[ParsedReport]:
    """Extend each report to the log record above it, and take the time from there if the report has none.

    A logger writes the stacks of one language, that of the first within ``ECHO_DISTANCE``: a record in its layout above a
    stack of another language is a crash of its own.
    """
    attached: list[ParsedReport] = []
    writers: dict[str, deque[tuple[int, str]]] = {}
    for report in reports:
        record = record_above(text, report.span[0], attached[-1].span[1] if attached else 0)
        first, after = line_at(text, report.span[0], report.span[1])
        is_record = report.error_type not in first and is_stamped(first[:LINE_LIMIT])
        layout = record_layout(first) if is_record else record.layout if record is not None else ""
        is_own = not layout or _first_writer(writers.setdefault(layout, deque()), report) == report.format
        if is_record and not is_own:
            attached.append(replace(report, span=(after, report.span[1])))
        elif record is not None and is_own:
            time = report.occurred_at or record.at
            attached.append(replace(report, span=(record.start, report.span[1]), occurred_at=time))
        else:
            attached.append(report)
    return attached


def _first_writer(writers: deque[tuple[int, str]], report: ParsedReport) -> str:
    """Format of the first stack below a record of a layout near a report; adds the report to these stacks."""
    writers.append((report.span[0], report.format))
    while report.span[0] - writers[0][0] > ECHO_DISTANCE:
        writers.popleft()
    return writers[0][1]


def _with_original_spans(reports: Sequence[ParsedReport], cleaned: CleanedText) -> Iterator[ParsedReport]:
    """Translate spans from the cleaned text to the original one."""
    for report in reports:
        if cleaned.starts:
            position = cleaned.original_position
            pieces = tuple((position(start), position(end)) for start, end in report.pieces)
            yield replace(report, span=(position(report.span[0]), position(report.span[1])), pieces=pieces)
        else:
            yield report
