"""PHP: uncaught exceptions with their chains, errors without a stack, Xdebug tables, and logs of frameworks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import partial

from graph.model.report import Cause, ParsedReport
from graph.parsing.php.console import LINE_OF, console_exception, described_in_function
from graph.parsing.php.frames import frames_from_calls
from graph.parsing.php.log import OBJECT, UNCAUGHT, PhpException, described_exception, logged_exceptions
from graph.parsing.php.trace import TRACE, parse_header, read_chain, read_table_below
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, is_same_error, merge_continuations
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start
from graph.rules import severity
from graph.rules.culprit import culprit

LEVELS = (
    "Fatal error",
    "Parse error",
    "Warning",
    "Notice",
    "Deprecated",
    "Recoverable fatal error",
    "Catchable fatal error",
    "Strict Standards",
    "Core error",
    "Compile error",
)
LEVEL = re.compile(rf"(?:PHP )?(?:<b>)?({'|'.join(LEVELS)})(?:</b>)?: {{1,3}}")
ERRORS = rf"(?<![A-Za-z])(?:{'|'.join(LEVELS)})(?:</b>)?: (?=\S|  ?\S)"
CONSOLE = rf"{re.escape(LINE_OF)}|^In (?=\S+\.php line \d)"
ANCHOR = re.compile(
    rf"Stack trace:(?=[ \t]*\r?(?:\n|$))|\[object\] \((?=[A-Za-z_\\])|{UNCAUGHT}|{ERRORS}|{CONSOLE}",
    re.MULTILINE,
)
ON = " on line "
TRACES, LOGGED, PLACES = SharedLiterals(TRACE), SharedLiterals(OBJECT, UNCAUGHT), SharedLiterals(".php line ", LINE_OF)
LINES, LABELS = SharedLiterals(ON), SharedLiterals(*(f"{level}{end}" for level in LEVELS for end in (":", "</b>:")))
ON_LINE = re.compile(r" on line (?:<b>|<i>)?(\d{1,9})(?:</b>|</i>)?(?:<br />)?\s*$")
IN = " in "
THROWN = "Uncaught"
MESSAGE_LINES = 30


class PhpParser:
    """PHP errors and exceptions."""

    name = "php"
    signs = (TRACES, LOGGED, PLACES, LINES)
    title = "PHP errors and exceptions, with Xdebug tables, and in logs of Laravel, Symfony and Monolog"
    takes = (
        "the chain of exceptions",
        "the location of an error without a stack",
        "the location each function had reached, from where functions were called",
        "built-in function, installed package or application code",
    )
    example = (
        "PHP Fatal error:  Uncaught Shop\\CartError: too many: 5 in /srv/shop/src/Cart.php:6\n"
        "Stack trace:\n"
        "#0 /srv/shop/src/Order.php(7): Shop\\Cart->add(5)\n"
        "#1 /srv/shop/public/index.php(13): Shop\\Order::pay(Array)\n"
        "#2 {main}\n"
        "  thrown in /srv/shop/src/Cart.php on line 6\n"
    )

    def sniff(self, text: str) -> float:
        """0.95 with a sign that only PHP prints, 0.9 with an error that names a line."""
        if LOGGED.occurs_in(text) or (TRACES.occurs_in(text) and ("#0 " in text or "\nNext " in text)):
            return 0.95
        return 0.9 if PLACES.occurs_in(text) or (LINES.occurs_in(text) and LABELS.occurs_in(text)) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per exception chain and per error; an error both displayed and logged is one report."""
        yield from merge_continuations(_reports(text), partial(_is_repetition, text))


def _reports(text: str) -> Iterator[ParsedReport]:
    """Every error as printed, repetitions included."""
    position = floor = 0
    while match := ANCHOR.search(text, position):
        report = _report_at(text, match, floor)
        position = max(match.end(), report.span[1] if report else 0)
        if not report:
            continue
        floor = position
        yield report


def _is_repetition(text: str, before: ParsedReport, report: ParsedReport) -> bool:
    """Whether an error was printed a second time: displayed and logged."""
    logged = [text.startswith("[", at) or "PHP " in text[at : at + 60] for at in (before.span[0], report.span[0])]
    adjacent = not text[before.span[1] : report.span[0]].strip()
    return logged[0] != logged[1] and adjacent and is_same_error(before, report)


def _report_at(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    at = match.start()
    if match[0] == TRACE:
        chain = read_chain(text, at, floor)
        return _report(chain[::-1], (chain[0].span[0], chain[-1].span[1])) if chain else None
    if match[0] == OBJECT:
        logged = logged_exceptions(text, at, floor)
        return _report(logged, (logged[0].span[0], logged[-1].span[1])) if logged else None
    if match[0] == UNCAUGHT:
        return _parse_description(text, at, floor)
    exception: PhpException | None = None
    if match[0] == LINE_OF:
        exception = described_in_function(text, at, floor)
    elif match[0] == "In ":
        exception = console_exception(text, at)
    else:
        return _parse_error(text, at, floor)
    return _report([exception], exception.span) if exception else None


def _parse_description(text: str, at: int, floor: int) -> ParsedReport | None:
    """Parse a record that describes an exception in words, sometimes followed by the exception itself."""
    described = described_exception(text, at)
    if not described:
        return None
    whole = text.find(OBJECT, at, described.span[1])
    logged = logged_exceptions(text, whole, floor) if whole >= 0 else []
    start = max(described.span[0], floor)
    return _report(logged, (start, logged[-1].span[1])) if logged else _report([described], (start, described.span[1]))


def _parse_error(text: str, at: int, floor: int) -> ParsedReport | None:
    """Parse an error that ends with its location; one followed by a stack of its own is read from there."""
    begin = line_start(text, at, floor)
    lines = Lines(text, begin)
    header = LEVEL.match(text, at) or LEVEL.match(text, max(at - 3, begin))
    if not header:
        return None
    header_text = text[header.end() : min(lines.after, header.end() + LINE_LIMIT)].rstrip()
    lines.skip()
    parsed = _message_and_location(header_text)
    for _ in range(MESSAGE_LINES):
        if parsed or lines.line is None or lines.line.startswith(TRACE) or ANCHOR.search(lines.line):
            break
        header_text += f"\n{lines.line}"
        parsed = _message_and_location(header_text)
        lines.skip()
    if not parsed:
        return None
    error_type, message, location = header[1], parsed[0], parsed[1:]
    if message.startswith(f"{THROWN} "):
        if lines.line is not None and lines.line.startswith(TRACE):
            return None
        exception = parse_header(f"{message.removeprefix(f'{THROWN} ')} in {location[0]}:{location[1]}")
        error_type, message = (exception[0], exception[1]) if exception else (error_type, message)
    if "<" in header_text:
        message = html.unescape(message)
    calls = read_table_below(lines, error_type)
    return _report(
        [PhpException(error_type, message[:MESSAGE_LIMIT], location, calls, (begin, lines.position))], (begin, lines.position)
    )


def _message_and_location(text: str) -> tuple[str, str, int] | None:
    """Message, file and line of an error text that ends with its location."""
    at = text.rfind(ON)
    line = ON_LINE.match(text, at) if at >= 0 else None
    if not line:
        return None
    rest = text[:at].removesuffix("</b>")
    into = rest.rfind(IN, max(rest.rfind("\n"), 0))
    file = rest[into + len(IN) :].removeprefix("<b>")
    return (rest[:into], file, int(line[1])) if into >= 0 and file and "<" not in file and not file[0].isspace() else None


def _report(chain: list[PhpException], span: tuple[int, int]) -> ParsedReport:
    """Build the report of a chain; its first exception is the uncaught or logged one."""
    error, *rest = chain
    frames = frames_from_calls(error.location, error.calls)
    return ParsedReport(
        format="php",
        error_type=error.error_type,
        message=error.message,
        frames=frames,
        culprit=culprit(frames, "php"),
        causes=tuple(_cause(exception) for exception in rest),
        severity=severity.infer(error.error_type, error.message),
        span=span,
        truncated=not frames,
    )


def _cause(exception: PhpException) -> Cause:
    frames = frames_from_calls(exception.location, exception.calls)
    return Cause("cause", exception.error_type, exception.message, frames)
