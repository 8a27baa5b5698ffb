"""The blocks in which Flutter describes an error that its framework caught."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.model.report import StackFrame
from graph.parsing.dart.error import error_of
from graph.parsing.dart.frames import read_frames, starts_stack
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start

TITLE = re.compile(r"(?:EXCEPTION CAUGHT BY|Exception caught by) ([^╞═=\n]{1,200}?) ?[╞ ]?[═=]{2,}")
TITLES = ("EXCEPTION CAUGHT BY ", "Exception caught by ")
RULE = re.compile(r"[ \t]{0,20}[═=]{10,400}\s*$")
THROWN = re.compile(r"The following (.{1,300}?) was thrown\b([^\n]{0,500})")
STACK = "When the exception was thrown, this was the stack"
# Headings of what Flutter adds to the error.
FURTHER = (
    "The relevant error-causing",
    STACK,
    "The test description was",
    "This was caught by",
    "Handler: ",
    "Recognizer:",
    "Image provider:",
)
ANOTHER = "Another exception was thrown: "
BLOCK_LINES = 600


@dataclass(frozen=True, slots=True)
class FlutterError:
    """An error as a block describes it; ``caught_by`` is the part of the framework that caught it."""

    error_type: str
    message: str
    caught_by: str
    frames: tuple[StackFrame, ...]
    span: tuple[int, int]


def flutter_error(text: str, at: int, floor: int) -> FlutterError | None:
    """Read the block with its title at ``at``."""
    begin = line_start(text, at, floor)
    prefix = text[begin:at].partition("═")[0].partition("=")[0]
    lines = Lines(text, begin, prefix if prefix.strip() else "")
    title = TITLE.search((lines.line or "")[:LINE_LIMIT])
    if not title:
        return None
    lines.skip()
    stated, message_lines, in_message = "", list[str](), True
    frames: tuple[StackFrame, ...] = ()
    end = lines.position
    for _ in range(BLOCK_LINES):
        line = lines.line
        if line is None or any(mark in line for mark in TITLES):
            break
        thrown = THROWN.match(line)
        if starts_stack(line):
            frames = frames or read_frames(lines)
            end = lines.position
            continue
        if RULE.match(line):
            lines.skip()
            end = lines.position
            break
        if thrown and not stated:
            stated = thrown[1]
        elif line.startswith(FURTHER) or (not line.strip() and message_lines):
            in_message = False
        elif in_message and line.strip():
            message_lines.append(line)
        lines.skip()
        end = lines.position if line.strip() else end
    lines.position = end
    while lines.line is not None and lines.line.startswith(ANOTHER):
        lines.skip()
    error_type, message = error_of("\n".join(message_lines))
    return FlutterError(_type(stated, error_type), message, title[1].strip().lower(), frames, (begin, lines.position))


def _type(stated: str, printed: str) -> str:
    """The type of an error: what it prints, unless Flutter names its class."""
    name = stated.rpartition(" ")[2].partition("<")[0]
    if printed and (" " in printed or not name or name in {"message", "assertion"}):
        return printed
    if name == "assertion":
        return "AssertionError"
    return printed or "FlutterError" if name in {"", "message"} else name
