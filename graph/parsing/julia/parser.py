"""Julia: errors of programs, of the logger and of tests, with their causes, and crashes of the process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.julia.frames import julia_frame, read_frames
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals
from graph.parsing.text.lines import Lines, fold_repeats, line_start, lines_above, next_line
from graph.parsing.text.report import complete

NAME = "julia"
STACKTRACE = re.compile(r"(?:Stacktrace|Stack trace):(?=[ \t]*\r?\n[^\n]{0,200}?\[1\] )")
ERROR = re.compile(r"(?:^|.{0,300}?[\s\u2502])ERROR: (?:LoadError: |InitError: |TaskFailedException: )*(?P<rest>.*)$")
CAUSED = re.compile(r"(?:caused by(?: \[exception \d{1,4}\])?: |\[exception \d{1,4}\]: ?)(?P<rest>.*)$")
NESTED = re.compile(r"nested task error: (?P<rest>.*)$")
# An error in a catch block is raised while the earlier one is handled.
RELATIONS = {CAUSED: "context", NESTED: "cause"}
LOGGED = re.compile(r"[\u250c\u2502\u2514]?[ \t]*+exception =[ \t]*+(?P<rest>.*+)$")
TEST = re.compile(r"(?:.{0,300}: )?(?P<kind>Test Failed|Error During Test) at (?P<place>\S.{0,400})$")
TYPE = re.compile(
    r"(?P<type>[A-Z][\w.]{0,200}(?:\{[^{}\n]{0,200}\})?)"
    r"(?:(?: with [^\n]{1,200})?: ?(?P<message>.*)|\((?P<arguments>.*)\)?)?$"
)
TYPE_ENDS = ("Error", "Exception", "Interrupt", "Failure")
SIGNAL = re.compile(
    r"^(?:\[\d{1,9}\] )?signal (?:\(\d{1,3}(?:\.\d{1,3})?\)|\d{1,3} \(\d{1,3}\)): "
    r"(?P<signal>[A-Z][\w ]{2,40})\r?$",
    re.MULTILINE,
)
NATIVE = re.compile(
    r"(?P<name>[^\s][^\n]{0,400}?) at (?P<file>[^\n:]{1,400}?)(?: \(unknown line\)|:(?P<line>\d{1,9}|[\w ]{1,40})?)"
    r"(?: \[inlined\])?[ \t]*$"
)
UNKNOWN = "unknown function (ip: "
TAIL = re.compile(r"\u2514 @ |in expression starting at |\.\.\.and \d+ more exceptions|Some type information was truncated")
TRACES, SIGNALS = SharedLiterals("Stacktrace:", "Stack trace:"), SharedLiterals("signal (", "signal 11 (")
ABOVE_LINES = 40
NATIVE_LINES = 300
BETWEEN = 400


@dataclass(slots=True)
class _Error:
    error_type: str
    message: str
    frames: tuple[StackFrame, ...]
    start: int
    end: int
    relation: str


class JuliaParser:
    """Parser for errors of Julia."""

    name = NAME
    signs = (TRACES, SIGNALS)
    title = "Julia errors (programs, logger, tests), with their causes, and crashes of the process"
    takes = ("errors of nested tasks and causes", "inlined and repeated frames", "in-app or library code, by file and module")
    example = (
        'julia> include("main.jl")\n'
        "ERROR: LoadError: BoundsError: attempt to access 3-element Vector{Float64} at index [4]\n"
        "Stacktrace:\n"
        " [1] getindex\n"
        "   @ ./essentials.jl:13 [inlined]\n"
        " [2] total(items::Vector{Float64})\n"
        "   @ Main /srv/shop/basket.jl:31\n"
        " [3] top-level scope\n"
        "   @ /srv/shop/main.jl:9\n"
        "in expression starting at /srv/shop/main.jl:9\n"
    )

    def sniff(self, text: str) -> float:
        """0.9 for a stack trace with a numbered frame, 0.6 for a fatal signal."""
        if TRACES.occurs_in(text) and "[1] " in text:
            return 0.9
        return 0.6 if SIGNALS.occurs_in(text) and ("jl_" in text or "in expression starting at" in text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error; the errors of its tasks and its causes belong to it."""
        reports = [*_errors(text), *_crashes(text)]
        floor = 0
        for report in sorted(reports, key=lambda report: report.span):
            if report.span[0] >= floor:
                floor = report.span[1]
                yield report


def _errors(text: str) -> Iterator[ParsedReport]:
    errors: list[_Error] = []
    for error in _traced(text):
        if errors and not (error.relation and error.start - errors[-1].end <= BETWEEN):
            yield _report(errors)
            errors = []
        errors.append(error)
    if errors:
        yield _report(errors)


def _traced(text: str) -> Iterator[_Error]:
    floor = 0
    for match in STACKTRACE.finditer(text):
        if match.start() < floor:
            continue
        begin = line_start(text, match.start(), floor)
        lines = Lines(text, next_line(text, match.end()), text[begin : match.start()])
        if lines.line is None:
            lines = Lines(text, lines.position)
        frames = read_frames(lines)
        if not frames:
            continue
        error = _header(text, begin, floor, match.start() - begin)
        if lines.line is not None and TAIL.match(lines.line.strip()):
            lines.skip()
        floor = lines.position
        if error:
            yield _Error(error[0], error[1], frames, error[2], floor, error[3])


def _header(text: str, begin: int, floor: int, indent: int) -> tuple[str, str, int, str] | None:
    """Type, message and start of the error above a stack trace, and its relation to the one before."""
    below: list[str] = []
    for above, line in lines_above(text, begin, floor, ABOVE_LINES):
        stripped = line.strip(" \t\u2502")
        for pattern in (ERROR, CAUSED, NESTED, LOGGED):
            match = pattern.match(line if pattern is ERROR else stripped)
            if match:
                first = match["rest"].strip()
                kept = [first, *reversed(below)] if first else list(reversed(below))
                start = _announced(text, above, floor) if pattern in {NESTED, LOGGED} else above
                return *_type("\n".join(kept).strip()), start, RELATIONS.get(pattern, "")
        test = TEST.match(stripped)
        if test:
            return _tested(test, below, above)
        below.append(stripped if stripped or not indent else "")
    return None


def _announced(text: str, below: int, floor: int) -> int:
    """Start of the record or failed task that an error belongs to; ``below`` if there is none above it."""
    for above, line in lines_above(text, below, floor, 5):
        if "TaskFailedException" in line or line.startswith("\u250c "):
            return above
    return below


def _tested(test: re.Match[str], below: list[str], start: int) -> tuple[str, str, int, str]:
    lines = [line for line in reversed(below) if line]
    if test["kind"] == "Test Failed":
        return "Test Failed", "\n".join(lines), start, ""
    kept = [line for line in lines if not line.startswith(("Got exception", "Test threw", "Expression:"))]
    return *_type("\n".join(kept)), start, ""


def _type(text: str) -> tuple[str, str]:
    """Type and message of a printed exception; a plain ``error("…")`` has no type."""
    first, newline, rest = text.partition("\n")
    match = TYPE.match(first)
    if not match or not (match["message"] is not None or match["type"].partition("{")[0].endswith(TYPE_ENDS)):
        return "ErrorException", text
    error_type = match["type"].partition("{")[0]
    if match["message"] is None:
        return error_type, (match["arguments"] or "").removesuffix(")") + newline + rest
    if not error_type.endswith(TYPE_ENDS):
        return "ErrorException", text
    return error_type, match["message"] + newline + rest


def _report(errors: list[_Error]) -> ParsedReport:
    error = errors[0]
    return complete(
        ParsedReport(
            format=NAME,
            error_type=error.error_type,
            message=error.message,
            frames=error.frames,
            causes=tuple(
                Cause(each.relation, each.error_type, each.message[:MESSAGE_LIMIT], each.frames) for each in errors[1:]
            ),
            span=(error.start, errors[-1].end),
        ),
        NAME,
    )


def _crashes(text: str) -> Iterator[ParsedReport]:
    """Fatal signals, with a stack that mixes functions of Julia and of its runtime."""
    for match in SIGNAL.finditer(text) if "signal " in text else ():
        lines = Lines(text, next_line(text, match.end()))
        frames: list[StackFrame] = []
        for _ in range(NATIVE_LINES):
            line = lines.line
            native = NATIVE.match(line) if line is not None else None
            if line is None or not (native or TAIL.match(line) or line.startswith(UNKNOWN)):
                break
            if native and not TAIL.match(line):
                frames.append(_native(native))
            lines.skip()
        if frames:
            span = (match.start(), lines.position)
            signal = match["signal"].strip()
            yield complete(ParsedReport(NAME, signal, "", fold_repeats(frames), span=span), NAME)


def _native(match: re.Match[str]) -> StackFrame:
    number = int(match["line"]) if (match["line"] or "").isdecimal() else None
    return julia_frame(match["name"], match["file"], number)
