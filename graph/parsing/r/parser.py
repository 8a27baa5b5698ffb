"""R: errors of scripts and sessions with their calls or traceback, of rlang, Shiny and testthat, and segmentation faults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, line_at
from graph.parsing.r.frames import BRANCH, NUMBERED, frame_of, read_calls, read_numbered, read_tree
from graph.parsing.text.lines import Lines, line_start
from graph.parsing.text.log.record import starts_record
from graph.parsing.text.report import complete

NAME = "r"
FAULTS, ERRORS = SharedLiterals(" *** caught "), SharedLiterals("Error in ")
ENDS = SharedLiterals("Execution halted", "Backtrace:\n", "Backtrace:\r\n", "traceback()", "Calls: ")
ANCHOR = re.compile(
    r"(?:^|(?<=[ \t>\]|:]))(?:"
    r"Error in (?:`(?P<quoted>[^`\n]{1,300})`:|(?P<call>[^\n`\"'][^\n`\"'(]{0,400}+\([^\n]{0,400}?\)) {1,3}:)(?:[ \t]|$)"
    r"|(?P<plain>Error(?: \(from [^()\n]{1,200}\))?: ?)"
    r"|Warning: Error in (?P<shiny>[^\n:]{1,200}): "
    r"|(?P<fault>\*\*\* caught (?P<signal>\w{1,30}) \*\*\*))",
    re.MULTILINE,
)
CAUSED = re.compile(r"[ \t]*Caused by error(?: in `(?P<call>[^`\n]{1,300})`)?:?[ \t]*+(?P<rest>[^\n]*+)$")
CALLS = re.compile(r"Calls: [A-Za-z.<`]")
BACKTRACE = re.compile(r"[ \t]*(?:Backtrace:|Traceback:|Stack trace \(innermost first\):|> traceback\(\)[ \t]*)$")
ENDINGS = ("Execution halted", "Run `rlang::last_", "In addition: Warning", "Possible actions:", "No traceback available")
BULLETS = ("!", "\u2716", "x ", "\u2139", "i ", "*")
MESSAGE_LINES = 30
PLAIN_LINES = 12


@dataclass(slots=True)
class _Error:
    call: str
    lines: list[str]
    frames: tuple[StackFrame, ...] = ()
    causes: list[tuple[str, list[str]]] = field(default_factory=list)
    is_certain: bool = False

    @property
    def message(self) -> str:
        return _message(self.lines)


class RParser:
    """Parser for errors of R."""

    name = NAME
    signs = (FAULTS, ERRORS, ENDS)
    title = "R errors with calls, tracebacks or rlang backtraces, Shiny traces, segmentation faults"
    takes = ("causes of rlang errors", "file and line where R kept the source", "in-app or library code, by package")
    example = (
        "Error in total(basket) : object 'price' not found\n"
        "Calls: main -> checkout -> total\n"
        "Execution halted\n"
    )  # fmt: skip

    def sniff(self, text: str) -> float:
        """0.8 for an error with a call or the end of a script, 0.9 for a segmentation fault."""
        if FAULTS.occurs_in(text):
            return 0.9
        if ERRORS.occurs_in(text):
            return 0.8
        return 0.7 if ENDS.occurs_in(text) and "Error" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error."""
        position = floor = 0
        while match := ANCHOR.search(text, position):
            position = match.end()
            report = _fault(text, match, floor) if match["fault"] else _report(text, match, floor)
            if report:
                floor = position = max(position, report.span[1])
                yield report


def _fault(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """A segmentation fault: the address, its cause, and a traceback."""
    start = line_start(text, match.start(), floor)
    lines = Lines(text, start)
    lines.skip()
    message = ""
    for _ in range(6):
        line = lines.line or ""
        if line.startswith("address "):
            message = line.strip()
        if BACKTRACE.match(line):
            break
        lines.skip()
    lines.skip()
    frames = read_numbered(lines)
    return _complete(match["signal"], message, frames, (), (start, lines.position)) if frames or message else None


def _report(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    start = line_start(text, match.start(), floor)
    lines = Lines(text, start)
    first = line_at(text, match.end(), match.end() + MESSAGE_LIMIT)[0].strip()
    lines.skip()
    call = match["call"] or match["quoted"] or match["shiny"] or ""
    error = _Error(call, [first], is_certain=bool(call))
    end = _read(lines, error)
    if not error.is_certain:
        return None
    frames = error.frames
    if call and not frames:
        frames = (frame_of(call),)
    causes = tuple(Cause("cause", "Error", _message(kept), (frame_of(name),) if name else ()) for name, kept in error.causes)
    return _complete("Error", error.message, frames, causes, (start, end))


def _complete(
    error_type: str, message: str, frames: tuple[StackFrame, ...], causes: tuple[Cause, ...], span: tuple[int, int]
) -> ParsedReport:
    return complete(ParsedReport(NAME, error_type, message, frames, causes=causes, span=span), NAME)


def _read(lines: Lines, error: _Error) -> int:
    """Read message, causes, calls and traceback below the first line; return their end."""
    end = lines.position
    kept = error.lines
    message_open, blank = True, False
    for count in range(MESSAGE_LINES):
        line = lines.line
        if line is None or (count > PLAIN_LINES and not error.is_certain):
            break
        caused = CAUSED.match(line)
        if CALLS.match(line):
            error.frames = error.frames or read_calls(line)
            error.is_certain, message_open = True, False
        elif BACKTRACE.match(line):
            end = _traceback(lines, error, end)
            message_open, blank = False, False
            continue
        elif line.startswith(ENDINGS):
            error.is_certain = error.is_certain or line.startswith((ENDINGS[0], ENDINGS[1]))
            message_open = False
        elif caused and message_open:
            kept = [caused["rest"]]
            error.causes.append((caused["call"] or "", kept))
        elif NUMBERED.match(line) and len(error.lines) == 1:
            error.frames = read_numbered(lines)
            error.is_certain = error.is_certain or len(error.frames) > 1
            return lines.position if error.is_certain else end
        elif not line.strip():
            blank = True
            lines.skip()
            continue
        elif message_open and not blank and _continues(line, kept):
            kept.append(line)
        else:
            break
        lines.skip()
        end = lines.position
    return end


def _traceback(lines: Lines, error: _Error, end: int) -> int:
    """Read the traceback below its heading; return its end."""
    lines.skip()
    upcoming = lines.line or ""
    frames = read_numbered(lines) if NUMBERED.match(upcoming) else read_tree(lines)
    if frames:
        error.frames, error.is_certain = frames, True
        return lines.position
    return end


def _continues(line: str, kept: list[str]) -> bool:
    """Whether a line continues a message: it is indented, a bullet of rlang, or the message was on the next line."""
    if ANCHOR.match(line) or BRANCH.match(line) or line.startswith(("> ", "+ ")):
        return False
    return line[:1] in {" ", "\t"} or line.startswith(BULLETS) or (kept == [""] and not starts_record(line))


def _message(kept: list[str]) -> str:
    lines = [line.strip() for line in kept if line.strip()]
    lines = [line.removeprefix("! ") if index == 0 else line for index, line in enumerate(lines)]
    return "\n".join(lines)
