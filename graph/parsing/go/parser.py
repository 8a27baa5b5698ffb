"""Go: panics, fatal errors of the runtime, data races, and stacks that programs print with an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.go.error_types import RUNTIME, fatal_type, panic_type, without_flags
from graph.parsing.go.frames import GOROUTINE, Goroutine, read_frames, read_goroutines
from graph.parsing.go.race import RACE, race_report
from graph.parsing.go.recovered import ADDRESS_MARK, find_recovered_stack
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start, lines_above, lines_from, next_line
from graph.rules import severity
from graph.rules.culprit import culprit

HEADER = "goroutine "
SERVING = "panic serving "
FATAL = "fatal error: "
MARKERS = rf"panic: |fatal error: |{SERVING}|Observed a panic: |\[PANIC RECOVER\] |SIG[A-Z]{{3,6}}: "
ANCHOR = re.compile(rf"{RACE}|(?<![\w-])(?:{MARKERS})|(?<!\w)goroutine (?=\d)")
SIGNAL = re.compile(r"\[signal (\w+)[^\]\n]*\]")
ADDRESS = re.compile(r"addr=(0x[0-9a-f]+)")
REGISTER = re.compile(r"[a-z][a-z0-9]{1,5}\s+0x[0-9a-f]+\s*$")
PANIC = "panic"
HEADER_LINES = 60
"""Maximum lines between an error and its first goroutine."""
STACK_LINES = 400
"""Maximum lines of the runtime's own stack before the first goroutine."""


@dataclass(slots=True)
class _PanicHeader:
    """Lines above the goroutines: panic values, oldest first, and signal; if ``is_complete``, no goroutine need follow."""

    marker: str
    values: list[str]
    facts: dict[str, str] = field(default_factory=dict)
    is_complete: bool = False


class GoParser:
    """Parser for Go panics and fatal errors."""

    name = "go"
    title = "Go panics, fatal errors of the runtime, data races, and stacks printed below an error"
    takes = (
        "the failing goroutine, and the function that started it",
        "panics raised while another one was handled",
        "signal and address",
        "in-app or library code, by package and file path",
    )
    example = (
        "panic: runtime error: index out of range [5] with length 3\n"
        "\n"
        "goroutine 1 [running]:\n"
        "example.org/shop/cart.(*Cart).At(...)\n"
        "\t/srv/shop/cart/cart.go:22\n"
        "main.main()\n"
        "\t/srv/shop/main.go:38 +0x85e\n"
        "exit status 2\n"
    )

    def sniff(self, text: str) -> float:
        """Return 0.95 for a goroutine header or a data race, 0.8 for a panic of the runtime or lines that may be frames."""
        if RACE in text or (HEADER in text and ".go:" in text) or (HEADER in text and " [running" in text):
            return 0.95
        if f"panic: {RUNTIME}" in text:
            return 0.8
        return 0.8 if ".go:" in text and "\n\t" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per panic, fatal error and data race."""
        position, has_reports = 0, False
        while match := ANCHOR.search(text, position):
            end = match.end()
            if match[0] == RACE:
                report = race_report(text, match.start(), position)
            elif match[0] == HEADER:
                report, end = _report_without_header(text, match.start(), position)
            else:
                report, end = _report_with_header(text, match, position), next_line(text, end)
            position = max(match.end(), report.span[1] if report else end)
            if report:
                has_reports = True
                yield report
        if not has_reports:
            yield from _recovered(text) if ADDRESS_MARK in text else _printed(text)


def _report_with_header(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """Build the report of an error followed by goroutines."""
    lines = lines_from(text, match.start(), floor)
    start = lines.position
    value = text[match.end() : min(lines.after, match.end() + LINE_LIMIT)].rstrip()
    if match[0] == SERVING:
        value = value.partition(": ")[2]
    header = _PanicHeader(match[0], [value])
    lines.skip()
    if not _skip_to_goroutine(lines, header):
        if not header.is_complete:
            return None
        return _report(header, Goroutine(), start, lines.position)
    goroutine = read_goroutines(lines)
    return _report(header, goroutine, start, _report_end(lines))


def _skip_to_goroutine(lines: Lines, header: _PanicHeader) -> bool:
    """Read the header down to the first goroutine; returns ``False``, with ``lines`` reset, if there is none."""
    begin, in_value, runtime, count = lines.position, True, False, 0
    header.is_complete = header.values[0].startswith(RUNTIME)
    while (line := lines.line) is not None and count < (STACK_LINES if runtime else HEADER_LINES):
        count += 1
        if GOROUTINE.match(line):
            return True
        signal = SIGNAL.match(line)
        if signal:
            _read_signal(line, signal, header)
        elif line.startswith("\tpanic: "):
            header.values.append(line[len("\tpanic: ") :])
        elif line.startswith("exit status "):
            header.is_complete = True
            lines.skip()
            return False
        elif line.startswith("runtime stack:"):
            runtime = True
        elif not line.strip() or runtime:
            in_value = False
        elif ANCHOR.match(line):
            break
        elif in_value and not line.startswith("[originating"):
            header.values[-1] += "\n" + line.removeprefix("\t")
        lines.skip()
    lines.position = begin
    return False


def _read_signal(line: str, signal: re.Match[str], header: _PanicHeader) -> None:
    header.facts["signal"] = signal[1]
    header.is_complete = True
    address = ADDRESS.search(line)
    if address:
        header.facts["address"] = address[1]


def _report_end(lines: Lines) -> int:
    """End of a report after its goroutines: past the registers and the exit status."""
    end = lines.position
    lines.skip_blank()
    while (line := lines.line) is not None and REGISTER.match(line):
        lines.skip()
        end = lines.position
    if line is not None and line.startswith("exit status "):
        lines.skip()
        end = lines.position
    return end


def _report_without_header(text: str, at: int, floor: int) -> tuple[ParsedReport | None, int]:
    """Build the report of a stack that the program printed, with its reason on the line above; returns also its end."""
    if not GOROUTINE.match(text, at):
        return None, at
    lines = lines_from(text, at, floor)
    start = lines.position
    goroutine = read_goroutines(lines)
    panicked = any(frame.qualified == PANIC for frame in goroutine.frames)
    begin, above = _line_above(text, start, floor)
    if not panicked and not (above and any(frame.qualified == "runtime/debug.Stack" for frame in goroutine.frames)):
        return None, lines.position
    value = above[above.find(RUNTIME) :] if RUNTIME in above else above
    report = _report(_PanicHeader("panic: ", [value]), goroutine, begin, _report_end(lines))
    return (report if panicked else replace(report, error_type="Error")), report.span[1]


def _line_above(text: str, start: int, floor: int) -> tuple[int, str]:
    """Start and text of the nearest non-blank line above, at most one blank line away."""
    for begin, line in lines_above(text, start, floor, 2):
        if line.strip():
            return begin, line.strip()
    return start, ""


def _report(header: _PanicHeader, goroutine: Goroutine, start: int, end: int) -> ParsedReport:
    values = [without_flags(value)[:MESSAGE_LIMIT] for value in header.values]
    kinds = [_error_type(header.marker, value) for value in values]
    frames = goroutine.frames
    origin = _origin(frames)
    # A re-panicked value was raised below the last panic in the stack; a new value was raised by the top frames.
    raised = frames[origin:] if len(set(values)) == 1 else frames
    earlier = [] if len(set(values)) == 1 else list(zip(kinds, values, strict=True))[-2::-1]
    message, error_type = values[-1], kinds[-1]
    extra = {**header.facts, **({"goroutine": goroutine.number} if goroutine.number else {})}
    if goroutine.creator:
        extra["created_by"] = goroutine.creator
    return ParsedReport(
        format="go",
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=culprit(raised or frames, "go"),
        causes=tuple(Cause("context", kind, value) for kind, value in earlier),
        severity=severity.infer(error_type, message),
        extra=extra,
        span=(start, end),
        truncated=goroutine.truncated or not frames,
    )


def _error_type(marker: str, value: str) -> str:
    if marker == FATAL:
        return fatal_type(value)
    return marker[:-2] if marker.startswith("SIG") else panic_type(value)


def _origin(frames: tuple[StackFrame, ...]) -> int:
    """Index of the first frame below the outermost panic; 0 if there is none."""
    return max((index + 1 for index, frame in enumerate(frames) if frame.qualified == PANIC), default=0)


def _recovered(text: str) -> Iterator[ParsedReport]:
    """Yield panics that a web framework recovered and printed, with the value on the line above the stack."""
    floor = 0
    while recovered := find_recovered_stack(text, floor):
        goroutine, start, end = recovered
        begin, above = _line_above(text, start, floor)
        yield _report(_PanicHeader("panic: ", [above]), goroutine, begin, end)
        floor = end


def _printed(text: str) -> Iterator[ParsedReport]:
    """Yield stacks that an error library printed below a message: functions without arguments, each with a location."""
    position = floor = 0
    while (at := text.find(".go:", position)) >= 0:
        place = line_start(text, at, position)
        function = line_start(text, place - 1, position) if place > position else place
        lines = Lines(text, function)
        goroutine = read_frames(lines, arguments=False) if text[place : place + 1] in {"\t", " "} else Goroutine()
        position = max(lines.position, lines.after if not goroutine.frames else 0, at + 4)
        begin, above = _line_above(text, function, floor)
        if len(goroutine.frames) > 1 and above:
            floor = lines.position
            yield replace(_report(_PanicHeader("panic: ", [above]), goroutine, begin, lines.position), error_type="Error")
