"""Carp's backtraces: ``Nest::open(Nest=HASH(0x55), 7) called at lib/Flock.pm line 12``.

An entry names a function and the place that calls it; a frame has a function and the place reached in it. So the place of
each entry belongs to the function of the next one, and the first function is at the place where the program died.
"""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, base_name, fold_repeats, is_library

PLACE = r"(?P<file>[^\s\"'<>|]{1,300}|\(eval \d{1,9}\)(?:\[[^\]\n]{1,300}\])?) line (?P<line>\d{1,9})"
HANDLE = r"(?:, <[^<>\n]{0,100}> (?:line|chunk) \d{1,12})?"
"""The file that was read last, and how far."""
# Devel::StackTrace leaves "called" out of its last line.
CALLED = re.compile(rf"[ \t]*+(?P<call>[^\n]{{1,6000}} called|[\w:]{{1,300}}) at {PLACE}{HANDLE}\.?[ \t]*$")
FUNCTION = re.compile(r"(?P<name>(?:[A-Za-z_]\w*(?:::|'))*[A-Za-z_]\w*)(?:\(| called$|$)")
GENERATED = re.compile(r"\(eval \d+\)")


def read_frames(lines: Lines, file: str, line: int) -> tuple[StackFrame, ...]:
    """The frames of an error at a place, from the current line on; stop after the last one."""
    frames: list[StackFrame] = []
    while (text := lines.line) is not None:
        called = CALLED.match(text) if " at " in text else None
        if not called:
            break
        function = FUNCTION.match(called["call"])
        if function and not called["call"].startswith(("eval {", "require ")):
            frames.append(frame_at(function["name"], file, line))
        file, line = called["file"], int(called["line"])
        lines.skip()
    frames.append(frame_at("", file, line))
    return fold_repeats(frames)


def frame_at(function: str, file: str, line: int) -> StackFrame:
    """A frame; code outside functions is called after its file."""
    file = GENERATED.sub("(eval)", file)
    name = (function or base_name(file))[:NAME_LIMIT]
    return StackFrame(name, "", file[:NAME_LIMIT], line or None, not is_library("perl", name, file))
