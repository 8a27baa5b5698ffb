"""Calls in R's tracebacks: lists of ``Calls:``, ``traceback()``, trees of rlang, and traces of Shiny."""

from __future__ import annotations

import re
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library

# 3: open_nest(egg) at nest.R#31
NUMBERED = re.compile(r"[ \t]{0,6}\d{1,5}: (?P<call>\S[^\n]*)$")
# 2. │ └─heron:::open_nest(egg) at nest.R:31:3
BRANCH = re.compile(r"[ \t]{0,8}\d{1,5}\. [ \u2500-\u257f|+`\\x-]{0,400}?(?=[\w.<`%:\"])(?P<call>[^\n]+)$")
HEAD = re.compile(r"[ \t]*(?:\u2586|x|\u2588)[ \t]*$")
PLACE = re.compile(r"(?: at | \[)(?P<file>[^\n#\[\]]{1,400}?\.[RrSq]\w{0,3})[#:](?P<line>\d{1,9})(?::\d{1,6})?\]?[ \t]*$")
BELOW = re.compile(r"[ \t\u2502]+at (?P<file>\S{1,400}?\.[Rr]\w{0,3}):(?P<line>\d{1,9})(?::\d{1,6})?[ \t]*$")
NAME = re.compile(
    r"(?:global |(?P<package>[A-Za-z][\w.]{0,80}):{2,3})?(?P<name>`[^`\n]{1,200}`|<fn>|<[A-Za-z]\w{0,30}>|[A-Za-z.][\w.]*"
    r"(?:[$@][\w.`]+){0,6}(?:\[\[[^\]\n]{1,100}\]\])?)(?=[(\s\[,]|$)"
)
CONTINUED = re.compile(r"[ \t]{4,}\S")
TREE_LINES = 400


def call_name(text: str) -> str:
    """The function of a call, with its package if printed: ``heron::open_nest``."""
    match = NAME.match(text.strip())
    if not match:
        return text.strip().partition("(")[0][:80] or text.strip()[:80]
    name = match["name"].strip("`")
    return f"{match['package']}::{name}" if match["package"] and match["package"] != "global" else name


def frame_of(call: str) -> StackFrame:
    """The frame of a call, possibly with its place."""
    place = PLACE.search(call[-500:])
    name = call_name(call[: len(call) - len(call[-500:]) + place.start()] if place else call)[:NAME_LIMIT]
    file, line = (place["file"].strip(), int(place["line"]) or None) if place else (None, None)
    return StackFrame(name, "", file, line, not is_library("r", name, file))


def read_calls(line: str) -> tuple[StackFrame, ...]:
    """The calls of ``Calls: main -> open_nest -> stop``, innermost first."""
    names = [name.strip() for name in line.partition(":")[2].split("->")]
    return fold_repeats(frame_of(name) for name in reversed(names) if name not in {"", "..."})


def read_numbered(lines: Lines) -> tuple[StackFrame, ...]:
    """The calls of a numbered list, innermost first as printed; a call may continue on indented lines."""
    frames: list[StackFrame] = []
    end = lines.position
    for _ in range(TREE_LINES):
        line = lines.line
        match = NUMBERED.match(line) if line is not None else None
        if match:
            frames.append(frame_of(match["call"]))
        elif line is None or not frames or not CONTINUED.match(line):
            break
        else:
            place = PLACE.search(line)
            if place and frames[-1].file is None:
                last = frames[-1]
                frames[-1] = StackFrame(last.function, "", place["file"].strip(), int(place["line"]) or None, last.in_app)
        lines.skip()
        end = lines.position
    lines.position = end
    return fold_repeats(_without_packages(frames))


def _without_packages(frames: list[StackFrame]) -> list[StackFrame]:
    """Mark the calls without a place as library code if others have one: R keeps the source of scripts, not of packages."""
    if not any(frame.file for frame in frames):
        return frames
    return [frame if frame.file else replace(frame, in_app=False) for frame in frames]


def read_tree(lines: Lines) -> tuple[StackFrame, ...]:
    """The calls of rlang's tree, innermost first; the tree has the outermost call first."""
    calls: list[tuple[str, str]] = []
    end = lines.position
    for _ in range(TREE_LINES):
        line = lines.line
        branch = BRANCH.match(line) if line is not None else None
        below = BELOW.match(line) if line is not None and calls else None
        if branch:
            calls.append((branch["call"], ""))
        elif below:
            calls[-1] = (calls[-1][0], f" at {below['file']}#{below['line']}")
        elif line is None or calls or not HEAD.match(line):
            break
        lines.skip()
        end = lines.position if calls else end
    lines.position = end
    return fold_repeats(frame_of(call + place) for call, place in reversed(calls))
