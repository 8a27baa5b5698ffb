"""Errors as miette draws them: a message behind a cross, the causes as a tree below it."""

from __future__ import annotations

import re

from graph.model.report import Cause, ParsedReport
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import Lines, line_start, lines_above
from graph.parsing.text.report import complete

CROSS = "  × "
HEADER = re.compile(r"(?:^|[^\n]{0,200}[\s\]:|])Error:[ \t]*+([\w:]{0,200}+)(?: ?(?<= )\([^()\n]{0,200}\))?[ \t]*+$")
BRANCH = re.compile(r"  [├╰]─▶ ?(.*)$")
WRAPPED = re.compile(r"  (?:│ {1,4}|    )(?!help: |note: |\d{1,7} [│|]|[╭╰│·├─])(\S.*)$")
DRAWN = re.compile(r"[ \t]{1,40}(?:help: |note: |\d{1,7} [│|]|[╭╰│·├─])")
LINES = 200


def diagnostic_report(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read the error with the cross at ``at``; ``None`` without ``Error:`` in front of it or in the line above it."""
    begin = line_start(text, at, floor)
    header = HEADER.match(text[begin:at])
    for start, line in lines_above(text, begin, floor, 2):
        if header or not line.strip():
            continue
        header, begin = HEADER.match(line), start
    if not header:
        return None
    lines = Lines(text, line_start(text, at, floor))
    messages = [text[at + len(CROSS) : lines.after].strip()]
    lines.skip()
    for _ in range(LINES):
        if lines.line is None:
            break
        branch, wrapped = BRANCH.match(lines.line), WRAPPED.match(lines.line)
        if branch:
            messages.append(branch[1].strip())
        elif wrapped:
            messages[-1] += f" {wrapped[1].strip()}"
        elif not DRAWN.match(lines.line):
            break
        lines.skip()
    return complete(
        ParsedReport(
            format="rust",
            error_type="Error",
            message=messages[0],
            causes=tuple(Cause("cause", "Error", part[:MESSAGE_LIMIT]) for part in messages[1:]),
            extra={"error_code": header[1]} if header[1] else {},
            span=(begin, lines.position),
        ),
        "rust",
    )
