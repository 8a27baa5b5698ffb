"""Frames of Julia: ``[2] open(n::Int64)`` with ``@ Heron ~/src/nest.jl:31`` below, or ``at ./nest.jl:31`` behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library

FRAME = re.compile(r"[ \t]*+\[(\d{1,5})\] ++(\S[^\n]*)$")
BELOW = re.compile(
    r"[ \t]++@ (?:(?P<module>[A-Za-z_]\w{0,100}(?:\.\w{1,100}){0,10}) )?(?P<file>[^\n]{1,600}?):(?P<line>\d{1,9})"
    r"(?P<inlined> \[inlined\])?(?: \(repeats (?P<repeats>\d{1,7}) times\))?[ \t]*$"
)
BEHIND = re.compile(
    r" at (?P<file>[^\n]{1,600}?):(?P<line>\d{1,9})(?P<inlined> \[inlined\])?"
    r"(?: \(repeats (?P<repeats>\d{1,7}) times\))?[ \t]*$"
)
REPEATED = re.compile(r"[ \t]*+(?:--- the (?:last|above) \d{1,5} (?:lines?|frames?)|[\u2500-\u257f ]*\u2570\u2500)")
# `#open#3` and `var"#open#3"` take the keyword arguments of open; `#7` and `#open##0` are closures.
KEYWORDS = re.compile(r"(?:var\")?#{1,2}([A-Za-z_]\w*!?)#+\d*\"?")
CLOSURE = re.compile(r"(?:var\")?(?:\(::[^\n]*|#\d+(?:#\d+)?\"?)$")


@dataclass(slots=True)
class _Entry:
    function: str
    module: str = ""
    file: str | None = None
    line: int | None = None
    inlined: bool = False
    repeats: int = 1


def read_frames(lines: Lines) -> tuple[StackFrame, ...]:
    """The frames from the current line on; stop after the last one."""
    entries: list[_Entry] = []
    while (line := lines.line) is not None:
        match = FRAME.match(line)
        below = BELOW.match(line) if entries else None
        if match and int(match[1]) == 1 and entries:
            break
        if match:
            entries.append(_entry(match[2].rstrip()))
        elif below and entries[-1].file is None:
            _place(entries[-1], below)
            entries[-1].module = below["module"] or ""
        elif not REPEATED.match(line):
            break
        lines.skip()
    return fold_repeats(map(_frame, entries))


def _entry(text: str) -> _Entry:
    behind = BEHIND.search(text[-700:]) if " at " in text else None
    if not behind:
        return _Entry(text)
    entry = _Entry(text[: len(text) - len(text[-700:]) + behind.start()])
    _place(entry, behind)
    return entry


def _place(entry: _Entry, match: re.Match[str]) -> None:
    entry.file, entry.line = match["file"].strip(), int(match["line"]) or None
    entry.inlined, entry.repeats = match["inlined"] is not None, min(int(match["repeats"] or 1) or 1, 1_000_000)


def _frame(entry: _Entry) -> StackFrame:
    function = function_name(entry.function)[:NAME_LIMIT]
    library = is_library("julia", function, entry.file)
    library = library or (bool(entry.module) and is_library("julia", entry.module, None))
    return StackFrame(function, "", entry.file, entry.line, not library, entry.repeats, entry.inlined)


def function_name(text: str) -> str:
    """The function of a signature, without arguments and type parameters."""
    text = text.removesuffix("[inlined]").rstrip()
    if text.startswith(("top-level scope", "macro expansion")):
        return " ".join(text.split()[:2])
    opened = text.find("(", 1)
    name = text[:opened] if opened > 0 else text
    keywords = KEYWORDS.match(name)
    if keywords:
        return keywords[1]
    if name.startswith("kwcall") and "::typeof(" in text:
        return text.partition("::typeof(")[2].partition(")")[0].rpartition(".")[2]
    if CLOSURE.match(text) or CLOSURE.match(name):
        return "<anonymous>"
    return name.partition("{")[0].strip() or text


def julia_frame(name: str, file: str | None, line: int | None) -> StackFrame:
    """A frame by its signature and place."""
    return _frame(_Entry(name, "", file, line))
