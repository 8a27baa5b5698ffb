"""An uncaught Objective-C exception as the program prints it: the reason, and below it the call stack."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.apple.crash import NAME
from graph.parsing.apple.failure import EXCEPTION, TERMINATING, exception_reason
from graph.parsing.apple.frames import AppleFrame, Images, parse_frame, stack_frames
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import Lines, line_start, next_line
from graph.parsing.text.report import complete
from graph.parsing.text.times import STAMP, stamp_time

STACK = re.compile(r"\*\*\* (?:First throw call stack|Call stack at first throw):")
ADDRESSES = re.compile(r"\s*+\((0x[0-9a-f]{1,16}(?:\s++0x[0-9a-f]{1,16}){0,400}+)\s*+\)")
PROCESS = re.compile(r" ([^\[\]\n]{1,100}?)\[\d{1,9}[:\]]")
ENDING = re.compile(r"(?:libc\+\+abi(?:\.dylib)?: )?terminat(?:ing|e called)\b[^\n]{0,200}")


def console_reports(text: str) -> Iterator[ParsedReport]:
    """One report per exception."""
    position = 0
    while (at := text.find(TERMINATING, position)) >= 0:
        match = EXCEPTION.match(text, at)
        if match:
            report = _report(text, match, position)
            position = report.span[1]
            yield report
        else:
            position = at + 1


def _report(text: str, match: re.Match[str], floor: int) -> ParsedReport:
    message = exception_reason(text, match.end())
    start = line_start(text, match.start(), floor)
    end = next_line(text, match.end() + len(message) - message.count("\n"))
    stack = STACK.search(text, match.end(), match.end() + MESSAGE_LIMIT)
    following = text.find(TERMINATING, match.end(), match.end() + MESSAGE_LIMIT)
    frames: list[AppleFrame] = []
    if stack and (following < 0 or stack.start() < following):
        frames, end = _frames(text, stack.end())
    header = text[start : match.start()]
    stamp, process = STAMP.match(header), PROCESS.search(header)
    return complete(
        ParsedReport(
            format=NAME,
            error_type=match[1],
            message=message,
            frames=stack_frames(frames, Images()),
            occurred_at=stamp_time(stamp) if stamp else None,
            product=process[1].rpartition(" ")[2] if process else None,
            span=(start, end),
        ),
        NAME,
    )


def _frames(text: str, position: int) -> tuple[list[AppleFrame], int]:
    """The frames in brackets, and their end with the runtime's last line."""
    addresses = ADDRESSES.match(text, position)
    frames: list[AppleFrame] = []
    if addresses:
        # Addresses without images say nothing: each start of the program has others.
        end = next_line(text, addresses.end())
    else:
        lines = Lines(text, next_line(text, position))
        while (line := lines.line) is not None and (line.strip() in {"", "("} or parse_frame(line)):
            numbered = parse_frame(line)
            if numbered:
                frames.append(numbered[1])
            elif frames:
                break
            lines.skip()
        if (lines.line or "").strip() == ")":
            lines.skip()
        end = lines.position
    ending = ENDING.match(text, end)
    return frames, next_line(text, ending.end()) if ending else end
