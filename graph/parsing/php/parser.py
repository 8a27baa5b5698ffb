"""PHP: uncaught exceptions and their chains, errors without a stack, Xdebug's tables, and the logs of frameworks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import partial

from graph.model.report import Cause, ParsedReport
from graph.parsing.php.frames import frames_of, read_table
from graph.parsing.php.log import OBJECT, UNCAUGHT, Thrown, objects, worded
from graph.parsing.php.trace import TRACE, named_in, read_chain
from graph.parsing.protocol import MESSAGE_LIMIT, joined
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
ANCHOR = re.compile(rf"Stack trace:(?=[ \t]*\r?(?:\n|$))|\[object\] \((?=[A-Za-z_\\])|{UNCAUGHT}|{ERRORS}")
ON = " on line "
ON_LINE = re.compile(r" on line (?:<b>|<i>)?(\d{1,9})(?:</b>|</i>)?(?:<br />)?\s*$")
IN = " in "
MESSAGE_LINES = 30


class PhpParser:
    """Errors and exceptions of PHP."""

    name = "php"
    title = "PHP errors and exceptions, with Xdebug's tables, and as Laravel, Symfony and Monolog log them"
    takes = (
        "the chain of exceptions",
        "the place of an error that has no stack",
        "where each function was, from the places they were called",
        "functions of PHP itself, installed packages and one's own code told apart",
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
        """0.95 with what only PHP prints, less with an error that tells a line."""
        if (TRACE in text and ("#0 " in text or "\nNext " in text)) or f"{OBJECT}" in text or UNCAUGHT in text:
            return 0.95
        return 0.9 if " on line " in text and any(f"{level}:" in text or f"{level}</b>:" in text for level in LEVELS) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """A report for each exception with its chain and for each error; what is displayed and logged is one."""
        yield from joined(_reports(text), partial(_same, text))


def _reports(text: str) -> Iterator[ParsedReport]:
    """Every error as it stands, one printed twice both times."""
    position = floor = 0
    while found := ANCHOR.search(text, position):
        report = _report_at(text, found, floor)
        position = max(found.end(), report.span[1] if report else 0)
        if not report:
            continue
        floor = position
        yield report


def _same(text: str, before: ParsedReport, report: ParsedReport) -> bool:
    """Whether an error was only printed a second time, on the screen and in the log."""
    said = (before.error_type, before.message, before.frames) == (report.error_type, report.message, report.frames)
    logged = [text.startswith("[", at) or "PHP " in text[at : at + 60] for at in (before.span[0], report.span[0])]
    return said and logged[0] != logged[1] and not text[before.span[1] : report.span[0]].strip()


def _report_at(text: str, found: re.Match[str], floor: int) -> ParsedReport | None:
    at = found.start()
    if found[0] == TRACE:
        chain = read_chain(text, at, floor)
        return _report(chain[::-1], (chain[0].span[0], chain[-1].span[1])) if chain else None
    if found[0] == OBJECT:
        logged = objects(text, at, floor)
        return _report(logged, (logged[0].span[0], logged[-1].span[1])) if logged else None
    if found[0] == UNCAUGHT:
        return _worded(text, at, floor)
    return _error(text, at, floor)


def _worded(text: str, at: int, floor: int) -> ParsedReport | None:
    """The exception of a record that tells it in words, and perhaps whole behind them."""
    told = worded(text, at)
    if not told:
        return None
    whole = text.find(OBJECT, at, told.span[1])
    logged = objects(text, whole, floor) if whole >= 0 else []
    start = max(told.span[0], floor)
    return _report(logged, (start, logged[-1].span[1])) if logged else _report([told], (start, told.span[1]))


def _error(text: str, at: int, floor: int) -> ParsedReport | None:
    """An error that tells its place in words; one that a stack of its own follows is read there."""
    begin = line_start(text, at, floor)
    lines = Lines(text, begin)
    head = LEVEL.match(text, at) or LEVEL.match(text, max(at - 3, begin))
    if not head:
        return None
    said = text[head.end() : min(lines.after, head.end() + LINE_LIMIT)].rstrip()
    lines.skip()
    found = _told(said)
    for _ in range(MESSAGE_LINES):
        if found or lines.line is None or lines.line.startswith(TRACE) or ANCHOR.search(lines.line):
            break
        said += f"\n{lines.line}"
        found = _told(said)
        lines.skip()
    if not found:
        return None
    error_type, message, place = head[1], found[0], found[1:]
    if message.startswith("Uncaught "):
        if lines.line is not None and lines.line.startswith(TRACE):
            return None
        named = named_in(f"{message.removeprefix('Uncaught ')} in {place[0]}:{place[1]}")
        error_type, message = (named[0], named[1]) if named else (error_type, message)
    if "<" in said:
        message = html.unescape(message)
    calls = read_table(lines)
    return _report(
        [Thrown(error_type, message[:MESSAGE_LIMIT], place, calls, (begin, lines.position))], (begin, lines.position)
    )


def _told(said: str) -> tuple[str, str, int] | None:
    """The message, file and line of an error whose text ends with its place."""
    at = said.rfind(ON)
    line = ON_LINE.match(said, at) if at >= 0 else None
    if not line:
        return None
    rest = said[:at].removesuffix("</b>")
    into = rest.rfind(IN, max(rest.rfind("\n"), 0))
    file = rest[into + len(IN) :].removeprefix("<b>")
    return (rest[:into], file, int(line[1])) if into >= 0 and file and "<" not in file and not file[0].isspace() else None


def _report(chain: list[Thrown], span: tuple[int, int]) -> ParsedReport:
    """The report of a chain whose first exception is the one that was not caught or was logged."""
    error, *rest = chain
    frames = frames_of(error.place, error.calls)
    return ParsedReport(
        format="php",
        error_type=error.error_type,
        message=error.message,
        frames=frames,
        culprit=culprit(frames, "php"),
        causes=tuple(Cause("cause", one.error_type, one.message, frames_of(one.place, one.calls)) for one in rest),
        severity=severity.infer(error.error_type, error.message),
        span=span,
        truncated=not frames,
    )
