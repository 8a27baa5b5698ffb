"""Haskell: errors with a call stack of GHC, uncaught exceptions of GHC 9.10 and later, failed pattern matches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.haskell.frames import read_frames
from graph.parsing.protocol import SharedLiterals
from graph.parsing.text.lines import Lines, line_start, lines_above, location_frame, next_line
from graph.parsing.text.log.record import starts_record
from graph.parsing.text.report import complete

NAME = "haskell"
STACKS = r"CallStack \(from (?:HasCallStack|-prof|ImplicitParams)\):?|HasCallStack backtrace:|Cost-centre stack backtrace:"
STACK = re.compile(STACKS)
FAILED = (
    r": (?P<kind>Non-exhaustive (?:patterns|guards) in|Irrefutable pattern failed|No instance nor default method"
    r"|Missing field in)(?P<rest>[^\n]*)"
)
ANCHOR = re.compile(rf"(?P<stack>{STACKS})(?=[ \t]*\r?$)|{FAILED}", re.MULTILINE)
PLACE = re.compile(
    r"(?:^|(?<=\s))(?P<file>[^\s:][^:\n]{0,300}\.l?hs):(?:\((?P<line>\d{1,9}),\d{1,6}\)-\(\d{1,9},\d{1,6}\)"
    r"|(?P<line2>\d{1,9}):\d{1,6}(?:-\d{1,6})?)$"
)
PLACE_LENGTH = 400
CALL_STACKS = SharedLiterals("CallStack (from ", "HasCallStack backtrace:", "Cost-centre stack backtrace:")
FAILED_MATCHES = SharedLiterals("Non-exhaustive ", "Irrefutable pattern", "No instance nor default", "Missing field in")
UNCAUGHT = re.compile(
    r"(?:^|[ \t])(?:U|u)ncaught exception:? (?:[\w.-]{1,100}:)?(?P<type>[A-Z][\w.']{0,200}):?(?: ?\((?P<more>[^\n]{0,2000})\))?"
)
PROGRAM = re.compile(r"(?P<before>.*?)(?:^|(?<=[\s\]|]))(?P<program>[\w./+-]{1,200}?(?:\.EXE|\.exe)?): (?P<message>\S.*)$")
KINDS = {
    "Non-exhaustive": "PatternMatchFail",
    "Irrefutable": "PatternMatchFail",
    "No": "NoMethodError",
    "Missing": "RecConError",
}
ABOVE_LINES = 30
ERROR_CALL = "ErrorCall"


class HaskellParser:
    """Parser for errors of Haskell programs."""

    name = NAME
    signs = (CALL_STACKS, FAILED_MATCHES)
    title = "Haskell errors with a call stack (HasCallStack, profiled), uncaught exceptions, failed pattern matches"
    takes = ("the call stack; each call with the module that makes it", "in-app or library code, by package and file")
    example = (
        "shop: Prelude.head: empty list\n"
        "CallStack (from HasCallStack):\n"
        "  error, called at libraries/base/GHC/List.hs:1646:3 in base:GHC.List\n"
        "  errorEmptyList, called at libraries/base/GHC/List.hs:85:11 in base:GHC.List\n"
        "  head, called at src/Basket.hs:31:9 in main:Basket\n"
        "  total, called at app/Main.hs:4:8 in main:Main\n"
    )

    def sniff(self, text: str) -> float:
        """0.95 for a call stack, 0.6 for a failed pattern match."""
        if CALL_STACKS.occurs_in(text):
            return 0.95
        return 0.6 if FAILED_MATCHES.occurs_in(text) and "hs:" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error."""
        position = floor = 0
        while match := ANCHOR.search(text, position):
            position = match.end()
            report = _traced(text, match, floor) if match["stack"] else _unmatched(text, match, floor)
            if report:
                floor = position = max(position, report.span[1])
                yield report


def _traced(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """An error above its call stack; GHC may print a profiled stack below it."""
    begin = line_start(text, match.start(), floor)
    indent = match.start() - begin
    prefix = text[begin : match.start()]
    lines = Lines(text, next_line(text, match.end()), "" if prefix.strip() else prefix)
    frames = read_frames(lines)
    if lines.line is not None and STACK.match(lines.line.strip()):
        lines.skip()
        more = read_frames(lines)
        frames = frames or more
    if not frames:
        return None
    error_type, message, start = _error(text, begin, floor, indent)
    return _report(error_type or ERROR_CALL, message, frames, (start, lines.position))


def _error(text: str, begin: int, floor: int, indent: int) -> tuple[str, str, int]:
    """Type, message and start of the error above a call stack; the type is empty if it is not printed."""
    uncaught = _uncaught(text, begin, floor)
    if uncaught:
        return uncaught
    below: list[str] = []
    start = begin
    for above, line in lines_above(text, begin, floor, ABOVE_LINES):
        program = PROGRAM.match(line[:4_000]) if not line[:1].isspace() else None
        if program and (not indent or starts_record(line)):
            # The name of the program, and possibly the text of an exception over several lines.
            return "", "\n".join([program["message"], *reversed(below)]).strip(), above
        if not line.strip() and below and not below[-1].strip():
            break
        if starts_record(line) and below:
            break
        below.append(line.strip())
        start = above
    nearest = next((index for index, line in enumerate(below) if line), None)
    if nearest is None:
        return "", "", begin
    return "", below[nearest], start if nearest == len(below) - 1 else line_start(text, begin - 1, floor)


def _uncaught(text: str, begin: int, floor: int) -> tuple[str, str, int] | None:
    """The exception that the runtime announces by its type, with the text below that."""
    below: list[str] = []
    for above, line in lines_above(text, begin, floor, ABOVE_LINES):
        uncaught = UNCAUGHT.search(line[:2_000])
        if uncaught:
            kept = [uncaught["more"] or "", *reversed(below)]
            return uncaught["type"].rpartition(".")[2], "\n".join(kept).strip(), above
        below.append(line.strip())
    return None


def _unmatched(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """A failed pattern match, which names only its place."""
    start = line_start(text, match.start(), floor)
    place = PLACE.search(text[max(start, match.start() - PLACE_LENGTH) : match.start()])
    if not place:
        return None
    frame = location_frame(place["file"], int(place["line"] or place["line2"]), in_app=True)
    kind = KINDS[match["kind"].split()[0]]
    return _report(kind, f"{match['kind']}{match['rest'].rstrip()}", (frame,), (start, next_line(text, match.end())))


def _report(error_type: str, message: str, frames: tuple[StackFrame, ...], span: tuple[int, int]) -> ParsedReport:
    return complete(
        ParsedReport(format=NAME, error_type=error_type, message=message, frames=frames, span=span),
        NAME,
    )
