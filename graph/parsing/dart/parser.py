"""Dart and Flutter: uncaught errors with their stacks, and what Flutter's framework caught."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.dart.block import TITLES, flutter_error
from graph.parsing.dart.error import UNKNOWN, error_of, is_error
from graph.parsing.dart.frames import read_frames, starts_stack
from graph.parsing.protocol import SharedLiterals
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start, lines_above
from graph.parsing.text.log.record import parse_record, starts_record
from graph.parsing.text.report import complete

PREFIX = "flutter: "
"""What Apple's console shows before every line that a program prints."""
PLACE = r"(?: \d{1,9}(?::\d{1,9})?)?[ \t]{2}"
FILE = r"(?:package:|packages/|dart:|dart-sdk/|[^\s():]{1,200}\.dart)\S{0,500}"
ANCHOR = re.compile(
    rf"{'|'.join(TITLES)}|^[ \t]{{0,20}}(?:{PREFIX})?(?:#0 {{1,10}}\S|#0{{1,4}} abs |{FILE}{PLACE})",
    re.MULTILINE,
)
SIGNS = SharedLiterals(".dart", "_kDart", "(dart:", *TITLES)
UNHANDLED = re.compile(
    r"(?:Unhandled [Ee]xception|Uncaught (?:[Ee]rror|[Ee]xception)|Unhandled error)(?: \S{1,60}){0,3}?:[ \t]{0,4}"
)
TEST = re.compile(r"[^\n]{0,500} \[E\]\s*$")
# Lines that Dart's compiler prints above a stack without symbols.
COMPILED_HEAD = re.compile(
    r"[ \t]{0,20}(?:Warning: This VM has been |\*\*\* \*\*\*|pid: \d|os: \w|build_id: |(?:isolate|vm)_\w+: |loading_unit: )"
)
BUILD = re.compile(r"build_id: '([0-9a-f]{8,64})'")
NAMED_WITHIN = re.compile(r"(?<![\w$.])(?:[A-Z_][\w$]{0,100})?(?:Exception|Error)(?:: |\()")
STACK_HEADING = re.compile(r"[ \t]{0,20}(?:[Ss]tack ?[Tt]race:?|#+ ?Stack ?[Tt]race.{0,10}|StackTrace:?)\s*$")
ABOVE_LINES = 60


class DartParser:
    """Parser for errors of Dart and Flutter."""

    name = "dart"
    signs = (SIGNS,)
    title = "Dart and Flutter errors, with blocks of Flutter's framework and stacks without symbols"
    takes = (
        "the class of errors of the core library, which do not print it",
        "the part of Flutter that caught the error",
        "asynchronous stacks as one",
        "build id of a compiled program",
    )
    example = (
        "Unhandled exception:\n"
        "FormatException: Invalid price (at character 3)\n"
        "#0      Cart.add (package:shop/cart.dart:42:18)\n"
        "#1      main (package:shop/main.dart:11:30)\n"
        "<asynchronous suspension>\n"
    )

    def sniff(self, text: str) -> float:
        """Return 0.95 for a location in a Dart file or a symbol of a compiled program, and for a block of Flutter."""
        return 0.95 if SIGNS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per block and per stack."""
        position = floor = 0
        while match := ANCHOR.search(text, position):
            parse = _caught if match[0] in TITLES else _stack
            report = parse(text, match.start(), floor)
            position = max(match.end(), report.span[1] if report else 0)
            if report:
                floor = position
                yield report


def _caught(text: str, at: int, floor: int) -> ParsedReport | None:
    error = flutter_error(text, at, floor)
    if not error:
        return None
    return _report(error.error_type, error.message, error.frames, error.span, {"caught_by": error.caught_by})


def _stack(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read the stack that starts in the line at ``at``, with its error above it."""
    begin = line_start(text, at, floor)
    prefix = PREFIX if text.startswith(PREFIX, begin) else ""
    lines = Lines(text, begin, prefix)
    if lines.line is None or not starts_stack(lines.line):
        return None
    frames = read_frames(lines)
    above = _error_above(text, begin, floor, prefix)
    if not frames or (not above.stated and len(frames) < 2):
        return None
    error_type, message = error_of(above.stated)
    return _report(error_type or UNKNOWN, message, frames, (above.start, lines.position), above.facts)


@dataclass(slots=True)
class _Above:
    """What is printed above a stack: the error as text, and facts about the program."""

    start: int
    stated: str = ""
    facts: dict[str, str] = field(default_factory=dict)


def _error_above(text: str, begin: int, floor: int, prefix: str) -> _Above:
    """Read the error above the stack at ``begin``: announced by the runtime, or the nearest text that an error prints."""
    above = _Above(begin)
    below: list[str] = []
    named = False
    for start, full_line in lines_above(text, begin, floor, ABOVE_LINES):
        line = full_line[:LINE_LIMIT].rstrip().removeprefix(prefix)
        unhandled = UNHANDLED.search(line)
        if named and not (unhandled and not line[unhandled.end() :]):
            break
        if unhandled:
            return _Above(start, _joined([*below, line[unhandled.end() :]]), above.facts)
        if not any(below) and (not line.strip() or STACK_HEADING.match(line) or COMPILED_HEAD.match(line)):
            build = BUILD.search(line)
            above.start = start if line.strip() else above.start
            above.facts |= {"build_id": build[1]} if build else {}
            continue
        if TEST.match(line):
            stated = _joined(below)
            return _Above(start, stated if is_error(stated) else f"TestFailure: {stated}", above.facts)
        if not line.strip():
            break
        record = parse_record(line) if starts_record(line) else None
        stated = _within_record(record.message) if record else line.strip()
        named = is_error(stated)
        if record or named or not below:
            above = _Above(start, _joined([*below, stated]), above.facts)
        if record:
            break
        below.append(line)
    return above


def _within_record(message: str) -> str:
    """The part of a record's message that an error printed; the whole message without one."""
    named = NAMED_WITHIN.search(message)
    return message[named.start() :] if named else message.strip()


def _joined(below: list[str]) -> str:
    """The lines of a message, given nearest to the stack first."""
    return "\n".join(line.strip() for line in reversed(below)).strip()


def _report(
    error_type: str, message: str, frames: tuple[StackFrame, ...], span: tuple[int, int], facts: dict[str, str]
) -> ParsedReport:
    return complete(
        ParsedReport(format="dart", error_type=error_type, message=message, frames=frames, extra=facts, span=span), "dart"
    )
