"""Read errors from Valgrind's XML output (``--xml=yes``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from graph.model.report import StackFrame
from graph.parsing.native.names import frame_of
from graph.parsing.valgrind.errors import ValgrindError

ERROR, ERROR_END = "<error>", "</error>"
ERROR_LIMIT = 400_000
PART = re.compile(
    r"<(?P<name>what|text|auxwhat|ip|obj|fn|dir|file|line)>(?P<value>[^<]{0,4000})</(?P=name)>|<(?P<mark>/?(?:stack|frame))>"
)
UNKNOWN = "???"


def is_xml(text: str) -> bool:
    """Whether the text has XML output of a Valgrind tool."""
    return "<valgrindoutput>" in text or ("<protocoltool>" in text and ERROR in text)


def xml_errors(text: str) -> Iterator[ValgrindError]:
    """Yield the errors."""
    start = text.find(ERROR)
    while start >= 0:
        stop = text.find(ERROR_END, start, start + ERROR_LIMIT)
        if stop < 0:
            return
        end = stop + len(ERROR_END)
        error = _error(text, start, end)
        if error.title:
            yield error
        start = text.find(ERROR, end)


def _error(text: str, start: int, end: int) -> ValgrindError:
    error = ValgrindError(start, end)
    frame: dict[str, str] = {}
    for part in PART.finditer(text, start, end):
        name, value = part["name"], unescape(part["value"] or "").strip()
        if part["mark"] == "stack":
            error.stacks.append((error.remarks[-1] if error.remarks else "", []))
        elif part["mark"] == "frame":
            frame = {}
        elif part["mark"] == "/frame" and error.stacks:
            error.stacks[-1][1].append(_frame(frame))
        elif name in {"what", "text"}:
            error.title = error.title or value
        elif name == "auxwhat":
            error.remarks.append(value)
        elif name:
            frame[name] = value
    return error


def _frame(parts: dict[str, str]) -> StackFrame:
    file = "/".join(part for part in (parts.get("dir", ""), parts.get("file", "")) if part)
    place = f"{file}:{parts['line']}" if file and "line" in parts else file
    symbol = parts.get("fn", "")
    return frame_of("" if symbol == UNKNOWN else symbol, place, parts.get("obj", ""))
