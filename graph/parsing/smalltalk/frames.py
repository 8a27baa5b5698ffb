"""Frames of Smalltalk's dialects in logs, debuggers and walkbacks."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.text.smalltalk_frames import smalltalk_frame

CLASS = r"[A-Z]\w{0,100}(?:\.[A-Z]\w{0,100}){0,8}(?: class)?"
SELECTOR = r"(?:[A-Za-z_]\w{0,200}:(?:[A-Za-z_]\w{0,200}:){0,30}|[A-Za-z_]\w{0,200}|[-+*/\\~<>=@,%|&?!]{1,4})"
# What comes before a frame: the arrow of GemStone's debugger, a number, the mark of a halted process.
NUMBER = r"[ \t]{0,12}(?:==> ?)?(?:\[?\d{1,6}(?:\]|\.|:)?[ \t]{1,8})?"
FRAME = re.compile(
    rf"{NUMBER}(?:(?:optimized |Complex)?(?:\[|Block)(?:[^\n]{{0,2000}}?[\]k])?? in )?(?:\[\] in ){{0,9}}"
    rf"(?:optimized )?(?P<receiver>{CLASS}|an? {CLASS})(?: ?\((?P<implementor>{CLASS})\))? ?>> ?#?'?"
    rf"(?P<selector>{SELECTOR})'?(?P<rest>[^\n]*)$"
)
LAST_BLOCK = re.compile(r"\] in (?=[A-Z])")
REST = re.compile(
    r"(?:[ \t]*$| #| in Block:| in \[| \((?P<file>[^()\n]{1,200}):(?P<line>\d{1,9})\)[ \t]*$| @ ?(?:\d|line)| line \d"
    r"|[ \t]{1,80}\(envId| \[GsN?Method| ?\[\d| - | with\b| \(\w+\)[ \t]*$)"
)
EXECUTED = re.compile(rf"{NUMBER}(?:Executed Code|UndefinedObject>>DoIt|GsProcess >> _start)\b")
BLOCK_TEXT = " in Block: "


def parse_frame(line: str) -> StackFrame | None:
    """The frame of a line; ``None`` for any other line."""
    if ">>" not in line:
        return smalltalk_frame("", "Executed Code") if EXECUTED.match(line) else None
    line = line.rstrip("\r").partition(BLOCK_TEXT)[0]
    blocks = list(LAST_BLOCK.finditer(line[:4_000]))
    if blocks and "[" in line[: blocks[-1].start() + 1]:
        line = line[blocks[-1].end() :]
    match = FRAME.match(line[:4_000])
    rest = REST.match(match["rest"]) if match else None
    if not match or not rest:
        return None
    number = int(rest["line"]) if rest["line"] else None
    receiver = match["receiver"].removeprefix("an ").removeprefix("a ")
    return smalltalk_frame(match["implementor"] or receiver, match["selector"], rest["file"], number)
