"""Dart frames: of the virtual machine, of ``package:stack_trace``, of the web, and of compiled programs without symbols."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library

# #0      Nest.eggs (package:heron/nest.dart:42:18)
MACHINE = re.compile(
    r"[ \t]{0,20}#(\d{1,6})[ \t]{1,10}(\S[^\n]{0,1000}?) \("
    r"((?:package:|dart:|file:|https?:|org-dartlang)[^()\n]{1,1000}?|[^():\s]{1,1000}\.dart)"
    r"(?::(\d{1,9}))?(?::\d{1,9})?\)\s*$"
)
# package:heron/nest.dart 42:18  Nest.eggs
TERSE = re.compile(
    r"[ \t]{0,20}((?:package:|packages/|dart:|dart-sdk/|org-dartlang|file:)[^\s()]{1,1000}|[^\s():]{1,500}\.dart)"
    r"(?: (\d{1,9})(?::\d{1,9})?)?[ \t]{2,80}(\S(?:[^\n]{0,999}?\S)?)\s*+$"
)
# #00 abs 0000007d0b5a1b2c virt 0000000000301b2c _kDartIsolateSnapshotInstructions+0x202b2c
COMPILED = re.compile(
    r"[ \t]{0,20}#(\d{1,6}) abs [0-9a-f]{4,16}(?: virt [0-9a-f]{4,16})? "
    r"(?:(_kDart\w{1,60})(\+0x[0-9a-f]{1,16})|(\S{1,200}))\s*$"
)
BETWEEN = re.compile(
    r"[ \t]{0,20}(?:<asynchronous suspension>|=====? asynchronous gap =+|\(elided [^\n]{1,200}\)"
    r"|\.\.\.[ \t]{1,10}[^\n]{1,200}\(\d{1,6} frames?\))\s*$"
)


def dart_frame(line: str) -> StackFrame | None:
    """Parse the frame in a line, or return ``None``."""
    machine = MACHINE.match(line)
    if machine:
        return _frame(machine[2], machine[3], machine[4])
    compiled = COMPILED.match(line)
    if compiled:
        return StackFrame(compiled[3] or compiled[4][:NAME_LIMIT], compiled[2] or "")
    terse = TERSE.match(line)
    return _frame(terse[3], terse[1], terse[2]) if terse else None


def starts_stack(line: str) -> bool:
    """Whether a line may be the first frame of a stack: numbered frames begin with 0."""
    match = MACHINE.match(line) or COMPILED.match(line)
    return int(match[1]) == 0 if match else bool(TERSE.match(line))


def _frame(name: str, file: str, line: str | None) -> StackFrame:
    name, file = name[:NAME_LIMIT], file[:NAME_LIMIT]
    return StackFrame(name, "", file, int(line) if line else None, not is_library("dart", name, file))


def read_frames(lines: Lines) -> tuple[StackFrame, ...]:
    """Read the frames from the current line on, across asynchronous gaps; stop after the last one."""
    frames: list[StackFrame] = []
    end = lines.position
    while (line := lines.line) is not None:
        frame = dart_frame(line)
        if frame:
            frames.append(frame)
        elif not frames or not (BETWEEN.match(line) or _is_gap(line, lines)):
            break
        lines.skip()
        end = lines.position if frame or BETWEEN.match(line) else end
    lines.position = end
    return fold_repeats(frames)


def _is_gap(line: str, lines: Lines) -> bool:
    """Whether a blank line separates two parts of one stack."""
    following = lines.peek() if not line.strip() else None
    return following is not None and bool(BETWEEN.match(following))
