"""Errors as Clojure prints them: a map with the chain of exceptions (``:via``) and the stack of the root cause (``:trace``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.escapes import unescape
from graph.parsing.text.jvm_frames import parse_jvm_frame
from graph.parsing.text.report import complete

ERROR = "#error {"
TRACE = ":trace"
LIMIT = 1 << 20
EXCEPTION = re.compile(r'\{:type ([\w$.]{1,500})(?:,?\s{1,40}:message (?:"((?:[^"\\]++|\\.)*+)"|nil))?', re.DOTALL)
PLACE = re.compile(r'\[([\w$./*+!?<>=-]{1,500}) ([\w$<>*+!?=/-]{1,300}) (?:"([^"\n]{0,300})"|nil) (-?\d{1,9})\]')
SPACE = re.compile(r"[\s\[]*")


def error_maps(text: str) -> Iterator[ParsedReport]:
    """One report per printed error."""
    at = text.find(ERROR)
    while at >= 0:
        following = text.find(ERROR, at + len(ERROR))
        limit = min(len(text) if following < 0 else following, at + LIMIT)
        report = _report(text, at, limit)
        if report:
            yield report
        at = following


def _report(text: str, start: int, limit: int) -> ParsedReport | None:
    trace = text.find(TRACE, start, limit)
    chain = list(EXCEPTION.finditer(text, start, trace if trace >= 0 else limit))
    if not chain:
        return None
    frames, end = _trace(text, trace + len(TRACE), limit) if trace >= 0 else ((), chain[-1].end())
    exceptions = [
        Cause("cause", match[1], unescape(match[2] or "")[:MESSAGE_LIMIT], _frames_at(text, match, last or limit))
        for match, last in zip(chain, [*(match.start() for match in chain[1:]), trace if trace >= 0 else limit], strict=True)
    ]
    exceptions[-1] = Cause("cause", exceptions[-1].error_type, exceptions[-1].message, frames or exceptions[-1].frames)
    error, *causes = exceptions
    return complete(
        ParsedReport(
            format="java",
            error_type=error.error_type,
            message=error.message,
            frames=error.frames,
            causes=tuple(causes),
            span=(start, end),
            truncated=trace < 0,
        ),
        "java",
    )


def _frames_at(text: str, match: re.Match[str], limit: int) -> tuple[StackFrame, ...]:
    """The frame that an exception of the chain was raised in."""
    place = PLACE.search(text, match.end(), limit)
    frame = _frame(place) if place else None
    return (frame,) if frame else ()


def _trace(text: str, position: int, limit: int) -> tuple[tuple[StackFrame, ...], int]:
    """The frames of the trace from ``position`` on, and the end of the map."""
    frames: list[StackFrame] = []
    while place := PLACE.match(text, SPACE.match(text, position, limit).end() - 1, limit):  # type: ignore[union-attr]  # matches
        frame = _frame(place)
        frames.extend([frame] if frame else [])
        position = place.end()
    end = text.find("}", position, min(limit, position + 200))
    return tuple(frames), position if end < 0 else end + 1


def _frame(place: re.Match[str]) -> StackFrame | None:
    file = place[3] or "Unknown Source"
    location = f"{file}:{place[4]}" if place[3] else file
    return parse_jvm_frame(f"at {place[1]}.{place[2]}({location})"[: 2 * NAME_LIMIT])
