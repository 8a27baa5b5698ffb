"""Failed tests in the console of the JUnit platform, which prints frames without ``at``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.java.header import JavaHeader, Rating, parse_header
from graph.parsing.protocol import line_at
from graph.parsing.text.jvm_frames import parse_jvm_frame
from graph.parsing.text.lines import fold_repeats
from graph.parsing.text.report import complete

FAILED = "=> "
SOURCE = "Source ["
RAISED = re.compile(r"^ {2,12}=> (?=[\w.$]+(?::|\s*$))", re.MULTILINE)
FRAME = re.compile(r"\s{2,20}(?P<frame>[\w$./@-]{1,500}\.[\w$<>]{1,200}\([\w$ ]{1,200}(?:\.\w{1,10}:\d{1,9})?\))\s*$")
LINES = 2_000


def failed_tests(text: str) -> Iterator[ParsedReport]:
    """One report per failed test."""
    floor = 0
    for match in RAISED.finditer(text):
        if match.start() < floor:
            continue
        line, position = line_at(text, match.end(), len(text))
        header = parse_header(line)
        if header is None or header.rating is not Rating.EXCEPTION:
            continue
        report = _report(text, match.start(), position, header)
        if report:
            yield report
            floor = report.span[1]


def _report(text: str, start: int, position: int, header: JavaHeader) -> ParsedReport | None:
    message = [header.message]
    frames: list[StackFrame] = []
    end = position
    for _ in range(LINES):
        line, after = line_at(text, position, len(text))
        match = FRAME.match(line)
        frame = parse_jvm_frame(f"at {match['frame']}") if match else None
        if frame:
            frames.append(frame)
        elif frames or position >= len(text) or RAISED.match(line):
            end = after if frames and line.strip() == "[...]" else position
            break
        else:
            message.append(line.strip())
        position = after
    if not frames:
        return None
    return complete(
        ParsedReport(
            format="java",
            error_type=header.error_type,
            message="\n".join(message).strip("\n"),
            frames=fold_repeats(frames),
            span=(start, max(end, start + 1)),
        ),
        "java",
    )
