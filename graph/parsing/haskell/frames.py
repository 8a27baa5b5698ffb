"""Entries of GHC's call stacks: ``head, called at src/Nest.hs:31:9 in main:Nest``, and of profiled ones.

An entry names a function and the place that calls it, so a frame is the function in the module that calls it.
"""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library

CALLED = re.compile(
    r"[ \t]++(?P<name>\S{1,300}), called at (?P<file>[^\n:]{1,400}):(?P<line>\d{1,9}):\d{1,6} in (?P<package>[^\s:]{1,200}):"
    r"(?P<module>\S{1,200})[ \t]*$"
)
PROFILED = re.compile(
    r"[ \t]++(?P<module>(?:[A-Z][\w']{0,100}\.){0,10}[A-Z][\w']{0,100})\.(?P<name>[^\s()]{1,300}) "
    r"\((?P<file>[^\n()]{1,400}?)(?::\(?(?P<line>\d{1,9})[^\n]{0,60})?\)[ \t]*$"
)
LAMBDA = re.compile(r"\.\\(?:\.|$)")
WHERE = "<entire-module>"
HASH = re.compile(r"-[\d.]{1,20}(?:-[0-9a-z]{4,64})?$|-inplace(?:-\w{1,60})?$")


def read_frames(lines: Lines) -> tuple[StackFrame, ...]:
    """The frames from the current line on; stop after the last one."""
    frames: list[StackFrame] = []
    while (line := lines.line) is not None:
        frame = _frame(line)
        if frame is None:
            break
        frames.append(frame)
        lines.skip()
    return fold_repeats(frames)


def _frame(line: str) -> StackFrame | None:
    called = CALLED.match(line)
    if called:
        name = f"{called['module']}.{called['name']}"
        package = HASH.sub("", called["package"])
        library = is_library("haskell", package, called["file"]) or is_library("haskell", name, called["file"])
        return StackFrame(
            called["name"], called["module"], called["file"][:NAME_LIMIT], int(called["line"]) or None, not library
        )
    profiled = PROFILED.match(line)
    if not profiled:
        return None
    function = LAMBDA.split(profiled["name"])[0] or profiled["name"]
    name = f"{profiled['module']}.{function}"
    place = None if profiled["file"] == WHERE else profiled["file"]
    number = int(profiled["line"]) if profiled["line"] else None
    return StackFrame(function, profiled["module"], place, number, not is_library("haskell", name, place))
