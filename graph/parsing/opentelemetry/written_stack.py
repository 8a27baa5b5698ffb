"""A stack that a record keeps as a list of objects, written as the text that the language itself prints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

FUNCTION = ("func", "function", "method", "methodName", "label", "name", "functionName", "fn")
CLASS = ("class", "className", "declaringClass", "module", "typeName")
FILE = ("file", "source", "fileName", "filename", "path", "absPath", "abs_path")
LINE = ("line", "lineNumber", "lineno", "lineNo", "line_number")
COLUMN = ("column", "col", "colno", "columnNumber")
NAMED = re.compile(r"[\w$.]{0,200}(?:Error|Exception)\b")
FRAMES_LIMIT = 5_000


def written_stack(frames: Sequence[object], head: str) -> str:
    """The stack below ``head``; empty if the objects are no frames of a known language. Frames are innermost first."""
    rows = [frame for frame in frames[:FRAMES_LIMIT] if isinstance(frame, dict)]
    if not rows or len(rows) != len(frames[:FRAMES_LIMIT]) or not any(_text(rows[0], names) for names in (FUNCTION, FILE)):
        return ""
    files = [_text(row, FILE) for row in rows]
    if any(file.endswith((".java", ".kt", ".scala", ".groovy")) for file in files) or _text(rows[0], CLASS[:3]):
        return "\n".join([head, *map(_java, rows)])
    if any(file.endswith(".go") for file in files):
        return "\n".join([head, *map(_go, rows)])
    if any(file.partition("?")[0].endswith((".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx")) for file in files):
        return "\n".join([head if NAMED.match(head) else f"Error: {head}", *map(_javascript, rows)])
    return ""


def _text(row: Mapping[str, object], names: Sequence[str]) -> str:
    value = next((row[name] for name in names if row.get(name) not in {None, ""}), "")
    return str(value) if isinstance(value, str | int | float) else ""


def _java(row: Mapping[str, object]) -> str:
    return f"\tat {_text(row, CLASS)}.{_text(row, FUNCTION)}({_text(row, FILE) or 'Unknown Source'}:{_text(row, LINE) or '0'})"


def _go(row: Mapping[str, object]) -> str:
    return f"{_text(row, FUNCTION) or 'main.unknown'}(...)\n\t{_text(row, FILE)}:{_text(row, LINE) or '0'}"


def _javascript(row: Mapping[str, object]) -> str:
    place = f"{_text(row, FILE)}:{_text(row, LINE) or '1'}:{_text(row, COLUMN) or '1'}"
    name = _text(row, FUNCTION)
    return f"    at {name} ({place})" if name else f"    at {place}"
