"""Reports of Go's race detector."""

from __future__ import annotations

import re

from graph.model.report import Cause, ParsedReport
from graph.parsing.go.frames import Goroutine, read_frames
from graph.parsing.text.lines import Lines, lines_from
from graph.rules import severity
from graph.rules.culprit import culprit

RACE = "WARNING: DATA RACE"
INDENT = "  "
ACCESS = re.compile(r"((?:Previous )?(?:[Aa]tomic )?(?:[Rr]ead|[Ww]rite)) (?:of size \d+ )?at (0x[0-9a-f]+) by ([^\n]*?):\s*$")
PART = re.compile(r"(?:Goroutine|Location|Mutex|As if)\b")


def race_report(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read the race announced at ``at``: the detected access, with the previous one as its context."""
    lines = lines_from(text, at, floor)
    start = lines.position
    lines.skip()
    accesses: list[tuple[str, str, Goroutine]] = []
    while lines.line is not None and lines.position - start < 1_000_000:
        match = ACCESS.match(lines.line)
        if not match and not PART.match(lines.line):
            break
        lines.skip()
        stack = read_frames(lines, INDENT)
        if match:
            accesses.append((match[1], match[2], stack))
        _skip_blank(lines)
    if lines.line is not None and lines.line.startswith("====="):
        lines.skip()
    if not accesses:
        return None
    caught, address, stack = accesses[0]
    message = " / ".join(kind.lower() for kind, _, _ in accesses)
    return ParsedReport(
        format="go",
        error_type="Data race",
        message=message,
        frames=stack.frames,
        culprit=culprit(stack.frames, "go"),
        causes=tuple(Cause("context", kind, "", other.frames) for kind, _, other in accesses[1:]),
        severity=severity.infer("Data race", caught),
        extra={"address": address},
        span=(start, lines.position),
        truncated=not stack.frames,
    )


def _skip_blank(lines: Lines) -> None:
    """Skip one blank line; the next section of the race follows it."""
    if lines.line is not None and not lines.line.strip():
        lines.skip()
