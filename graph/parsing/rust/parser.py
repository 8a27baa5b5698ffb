"""Rust: panics of all versions, errors returned from ``main`` with their causes, and errors of the runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals
from graph.parsing.rust.attached import PLACED, attached_report
from graph.parsing.rust.diagnostic import CROSS, diagnostic_report
from graph.parsing.rust.error import CAUSED, STACKS, error_report
from graph.parsing.rust.frames import in_app, read_backtrace
from graph.parsing.rust.saved_report import OCCURRED, saved_report
from graph.parsing.rust.unwrapped_error import is_echo, unwrapped_error
from graph.parsing.rust.wasm import read_wasm_stack
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start, lines_from, location_frame
from graph.parsing.text.log.boundary import ends_message
from graph.rules import severity
from graph.rules.culprit import culprit

PANICKED = "panicked at "
CRASHED = "The application panicked (crashed)."
FATAL = "fatal runtime error: "
ANCHOR = re.compile(
    rf"{PANICKED}|{re.escape(CRASHED)}|{FATAL}|{CAUSED}(?=[ \t]*\r?\n)|{'|'.join(STACKS)}|{CROSS}|{OCCURRED}|{PLACED}"
)
THREAD = re.compile(r"thread (?:'([^'\n]{0,200})'|(<unnamed>)) (?:\((\d{1,20})\) )?$")
PLACE = re.compile(r"(\S[^\n:]{0,1000}+|[A-Za-z]:[^\n:]{0,1000}+):(\d{1,9}):(\d{1,9})")
# Location after a quoted message, with a column from the runtime, without one from loggers of panics.
OLD_FORMAT = re.compile(r"'(.*)'(?:, ([^\n]{1,1000}?):(\d{1,9}):\d{1,9}|: ([^\n]{1,1000}?):(\d{1,9}))\s*$", re.DOTALL)
BACKTRACE = ("stack backtrace:", "Stack backtrace:")
NOTES = ("note: run with `RUST_BACKTRACE", "note: Some details are omitted", "note: run with `RUST_LIB")
OVERFLOWED = " has overflowed its stack"
ERROR_MARKS = SharedLiterals(f"{CAUSED}\n", f"{CAUSED}\r", *STACKS, CROSS, "RUST_BACKTRACE")
CERTAIN, PANICS = SharedLiterals(CRASHED, FATAL, OCCURRED, PLACED), SharedLiterals(PANICKED)
MESSAGE_LINES = 200


@dataclass(slots=True)
class _Panic:
    """A panic; ``place`` is file and line."""

    message: str
    place: tuple[str, int] | None
    thread: str = ""


class RustParser:
    """Parser for panics and errors of Rust programs."""

    name = "rust"
    signs = (CERTAIN, PANICS, ERROR_MARKS)
    title = "Rust panics, errors returned from main with their causes, and errors of the runtime"
    takes = (
        "the thread, and the location if no backtrace is printed",
        "the unwrapped error, and chains of causes",
        "inlined frames of a full backtrace",
        "in-app or library code, by function and file path",
    )
    example = (
        "thread 'main' panicked at src/cart.rs:22:9:\n"
        "index out of bounds: the len is 3 but the index is 5\n"
        "stack backtrace:\n"
        "   0: rust_begin_unwind\n"
        "             at /rustc/0123456789abcdef/library/std/src/panicking.rs:645:5\n"
        "   1: shop::cart::Cart::at\n"
        "             at ./src/cart.rs:22:9\n"
        "   2: shop::main\n"
        "             at ./src/main.rs:13:5\n"
        "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.\n"
    )

    def sniff(self, text: str) -> float:
        """Return 0.95 for a panic, 0.7 for an error returned from ``main``."""
        if CERTAIN.occurs_in(text) or (PANICS.occurs_in(text) and ".rs:" in text):
            return 0.95
        return 0.7 if ERROR_MARKS.occurs_in(text) and "Error:" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per panic, error with causes or backtrace, and runtime error."""
        position = floor = 0
        while match := ANCHOR.search(text, position):
            if match[0] == PANICKED:
                report = _panicked(text, match.start(), floor)
            elif match[0] == CRASHED:
                report = _crashed(text, match.start(), floor)
            elif match[0] == OCCURRED:
                report = saved_report(text, match.start(), floor)
            elif match[0] == PLACED:
                report = attached_report(text, match.start(), floor)
            elif match[0] == CROSS:
                report = diagnostic_report(text, match.start(), floor)
            elif match[0] == FATAL:
                report = _fatal(text, match.start(), floor)
            else:
                report = error_report(text, match.start(), floor)
            position = match.end()
            if report:
                floor = position = max(position, report.span[1])
                yield report


def _panicked(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read a panic with its location, and its message on the same line or below."""
    begin = line_start(text, at, floor)
    thread = THREAD.search(text[max(begin, at - 300) : at])
    start = max(begin, at - 300) + thread.start() if thread else at
    if not thread and text[begin:at].strip():
        return None
    lines = lines_from(text, start, floor)
    name = (thread[1] or thread[2]) if thread else ""
    panic = _panic_with_leading_place(text, at, lines, name) or _panic_with_trailing_place(text, at, lines, name)
    if not panic:
        return None
    frames = _backtrace(lines) or read_wasm_stack(lines)
    return _report(panic, frames, begin, lines.position)


def _panic_with_leading_place(text: str, at: int, lines: Lines, thread: str) -> _Panic | None:
    """Read a panic whose message is below its location."""
    rest = text[at + len(PANICKED) : min(lines.after, at + LINE_LIMIT)].rstrip()
    place = PLACE.match(rest)
    if not place or rest[place.end() :] not in {"", ":"} or rest.startswith("'"):
        return None
    lines.skip()
    return _Panic(_message(lines), (place[1], int(place[2])), thread)


def _panic_with_trailing_place(text: str, at: int, lines: Lines, thread: str) -> _Panic | None:
    """Read a panic whose message precedes its location, possibly over several lines."""
    collected = text[at + len(PANICKED) : min(lines.after, at + LINE_LIMIT)].rstrip("\r\n")
    lines.skip()
    for _ in range(MESSAGE_LINES):
        match = OLD_FORMAT.match(collected)
        if match or not collected.startswith("'"):
            break
        if lines.line is None or ANCHOR.search(lines.line):
            return None
        collected += f"\n{lines.line}"
        lines.skip()
    else:
        return None
    if match:
        return _Panic(match[1], (match[2] or match[4], int(match[3] or match[5])), thread)
    # A panic value that is no string is printed as its type and location.
    bare = re.match(r"Box<(?:dyn )?Any>,? ?", collected)
    place = PLACE.search(collected, bare.end()) if bare else None
    return _Panic("Box<dyn Any>", (place[1].strip(), int(place[2])), thread) if place else None


def _message(lines: Lines) -> str:
    """Read the message: up to the backtrace or a note, without one up to a blank line, never into another writer's line."""
    begin, collected, size = lines.position, list[str](), 0
    while (line := lines.line) is not None and len(collected) < MESSAGE_LINES and size < MESSAGE_LIMIT:
        if line.startswith((*BACKTRACE, *NOTES)):
            return "\n".join(collected).strip("\n")
        if PANICKED in line or line.startswith(("==", FATAL, "thread caused non-unwinding")) or _ends(line, collected):
            break
        collected.append(line)
        size += len(line)
        lines.skip()
    lines.position = begin
    short: list[str] = []
    while (line := lines.line) is not None and line.strip() and len(short) < len(collected):
        short.append(line)
        lines.skip()
    return "\n".join(short)


def _ends(line: str, message: list[str]) -> bool:
    return bool(message) and ends_message(line)


def _backtrace(lines: Lines) -> tuple[StackFrame, ...]:
    """Read the frames below a message, and skip the notes around them."""
    frames: tuple[StackFrame, ...] = ()
    while (line := lines.line) is not None:
        if line.startswith(BACKTRACE):
            lines.skip()
            frames = read_backtrace(lines)
        elif line.startswith((*NOTES, "thread caused non-unwinding panic")):
            lines.skip()
        else:
            break
    return frames


def _crashed(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read a panic printed by color-eyre."""
    lines = lines_from(text, at, floor)
    start = lines.position
    lines.skip()
    message, place = "", None
    frames: tuple[StackFrame, ...] = ()
    for _ in range(MESSAGE_LINES):
        line = lines.line
        if line is None or line.startswith(("Run with ", "Backtrace omitted")):
            break
        if line.startswith("Message:"):
            message = line[len("Message:") :].strip()
        elif line.startswith("Location:"):
            match = PLACE.match(f"{line[len('Location:') :].strip()}:1")
            place = (match[1], int(match[2])) if match else None
        elif "BACKTRACE" in line and "━" in line:
            lines.skip()
            frames = read_backtrace(lines)
            continue
        lines.skip()
    while lines.line is not None and lines.line.startswith(("Run with ", "Backtrace omitted")):
        lines.skip()
    return _report(_Panic(message, place), frames, start, lines.position) if place or message else None


def _fatal(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read a runtime error, which is a single line."""
    lines = lines_from(text, at, floor)
    start = lines.position
    message = text[at + len(FATAL) : min(lines.after, at + 1_000)].strip()
    lines.skip()
    kind = "Stack overflow" if message.startswith("stack overflow") else "Fatal runtime error"
    extra: dict[str, str] = {}
    above = line_start(text, max(start - 1, floor), floor)
    if OVERFLOWED in text[above:start] and start - above < 1_000:
        thread = re.search(r"thread '([^'\n]{0,200})'", text[above:start])
        extra = {"thread": thread[1]} if thread else {}
        message, start = text[above:start].strip(), above
        message = re.sub(r" \(\d+\)", "", message)
    return ParsedReport(
        format="rust",
        error_type=kind,
        message=message,
        severity=severity.infer(kind, message),
        extra=extra,
        span=(start, lines.position),
        echo=kind != "Stack overflow",
    )


def _report(panic: _Panic, frames: tuple[StackFrame, ...], start: int, end: int) -> ParsedReport:
    file, line = panic.place or ("", 0)
    if file and not any(frame.in_app for frame in frames):
        own = in_app("", file)
        frames = (location_frame(file, line, in_app=own), *frames) if own or not frames else frames
    message = panic.message[:MESSAGE_LIMIT]
    return ParsedReport(
        format="rust",
        error_type="panic",
        message=message,
        frames=frames,
        culprit=culprit(frames, "rust"),
        causes=() if is_echo(message) else unwrapped_error(message),
        severity=severity.infer("panic", message),
        extra={"thread": panic.thread} if panic.thread and panic.thread != "<unnamed>" else {},
        span=(start, end),
        truncated=not message,
        echo=is_echo(message),
    )
