"""Go: panics, fatal errors of the runtime, data races, and stacks that programs print with an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.go.error_types import RUNTIME
from graph.parsing.go.frames import GOROUTINE, Goroutine, read_frames, read_goroutines
from graph.parsing.go.printed import line_above, printed_stacks
from graph.parsing.go.race import RACE, race_report
from graph.parsing.go.recovered import ADDRESS_MARK
from graph.parsing.go.report import PANIC, PanicHeader, go_report
from graph.parsing.protocol import SharedLiterals, without_overlaps
from graph.parsing.text.escapes import unescape
from graph.parsing.text.lines import LINE_LIMIT, Lines, lines_from, next_line

HEADER = "goroutine "
SERVING = "panic serving "
SIGNS = SharedLiterals(RACE, ".go:", " [running", f"panic: {RUNTIME}")
MARKERS = rf"panic: |fatal error: |{SERVING}|Observed a panic: |\[PANIC RECOVER\] |SIG[A-Z]{{3,6}}: "
ANCHOR = re.compile(rf"{RACE}|(?<![\w-])(?:{MARKERS})|(?<!\w)goroutine (?=\d)")
# A web framework's recovery puts the first line of the stack behind the value.
INLINE = re.compile(r" goroutine \d{1,20} \[[^\]\n]{1,100}\]:$")
# A structured record of a panic quotes its value.
QUOTED = re.compile(r"\bpanic=\"((?:[^\"\\\n]++|\\.)*+)\"")
PROGRAM_COUNTER = re.compile(r"PC=0x[0-9a-f]+ m=")
SIGNAL = re.compile(r"\[signal (\w++)[^\]\n]*+\]")
ADDRESS = re.compile(r"addr=(0x[0-9a-f]+)")
REGISTER = re.compile(r"[a-z][a-z0-9]{1,5}\s+0x[0-9a-f]+\s*$")
INDENTED = re.compile(r"\s{0,100}^([ \t]{1,100})goroutine \d", re.MULTILINE)
HEADER_LINES = 60
"""Maximum lines between an error and its first goroutine."""
STACK_LINES = 400
"""Maximum lines of the runtime's own stack before the first goroutine."""


class GoParser:
    """Parser for Go panics and fatal errors."""

    name = "go"
    signs = (SIGNS,)
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
        return 0.8 if ".go:" in text and ("\n\t" in text or "\n/" in text or ADDRESS_MARK in text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per panic, fatal error, data race and printed stack."""
        reports = list(_panics(text))
        printed = printed_stacks(text, bare=bool(reports))
        yield from without_overlaps(printed, reports)


def _panics(text: str) -> Iterator[ParsedReport]:
    """Yield one report per panic, fatal error and data race."""
    position = 0
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
            yield report


def _report_with_header(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """Build the report of an error followed by goroutines."""
    lines = lines_from(text, match.start(), floor)
    start = lines.position
    value = text[match.end() : min(lines.after, match.end() + LINE_LIMIT)].rstrip()
    if match[0] == SERVING:
        value = value.partition(": ")[2]
    inline = INLINE.search(value)
    value = value[: inline.start()] if inline else value
    header = PanicHeader(match[0], [value])
    lines.skip()
    if inline:
        return go_report(header, read_frames(lines), start, lines.position)
    # A test prints the stack indented below the error.
    if indented := INDENTED.match(text, lines.position):
        lines = Lines(text, lines.position, indented[1])
    is_followed = _skip_to_goroutine(lines, header)
    if not is_followed and lines.prefix:
        # Words before the error on its line are no prefix of the others.
        lines = Lines(text, lines.position)
        is_followed = _skip_to_goroutine(lines, header)
    if not is_followed:
        if not header.is_complete:
            return None
        return go_report(header, Goroutine(), start, lines.position)
    goroutine = read_goroutines(lines)
    return go_report(header, goroutine, start, _report_end(lines))


def _skip_to_goroutine(lines: Lines, header: PanicHeader) -> bool:
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
        elif PROGRAM_COUNTER.match(line):
            in_value = False
        elif in_value and not line.startswith("[originating"):
            header.values[-1] += "\n" + line.removeprefix("\t")
        lines.skip()
    lines.position = begin
    return False


def _read_signal(line: str, signal: re.Match[str], header: PanicHeader) -> None:
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
    begin, above = line_above(text, start, floor)
    if not panicked and not (above and any(frame.qualified == "runtime/debug.Stack" for frame in goroutine.frames)):
        return None, lines.position
    quoted = QUOTED.search(above)
    value = unescape(quoted[1]) if quoted else above[above.find(RUNTIME) :] if RUNTIME in above else above
    report = go_report(PanicHeader("panic: ", [value]), goroutine, begin, _report_end(lines))
    return (report if panicked else replace(report, error_type="Error")), report.span[1]
