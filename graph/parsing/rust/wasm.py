"""Stacks of panics in WebAssembly, which a panic hook prints in the layout of the browser's own errors."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.rust.frames import in_app
from graph.parsing.text.lines import Lines, fold_repeats

HEADING = "Stack:"
CHROME = re.compile(r"[ \t]{0,20}at (?:(\S[^\n]{0,1000}?) \()?([^\s()]{1,1000}?)(?::(\d{1,9}):\d{1,9})?\)?$")
FIREFOX = re.compile(r"[ \t]{0,20}([^@\n]{0,1000})@(\S{1,1000}?)(?::(\d{1,9}):\d{1,9})?$")
UNNAMED = re.compile(r"wasm-function\[\d{1,9}\]")
MODULE = re.compile(r"^[\w.-]{1,100}?\.wasm\.")


def read_wasm_stack(lines: Lines) -> tuple[StackFrame, ...]:
    """Read the stack below a message; the cursor stays if there is none."""
    start = lines.position
    lines.skip_blank()
    if lines.line is None or lines.line.strip() != HEADING:
        lines.position = start
        return ()
    lines.skip()
    lines.skip_blank()
    if lines.line is not None and lines.line.strip() == "Error":
        lines.skip()
    frames: list[StackFrame] = []
    while (line := lines.line) is not None and (frame := _frame(line)):
        frames.append(frame)
        lines.skip()
    if not frames:
        lines.position = start
    return fold_repeats(frames)


def _frame(line: str) -> StackFrame | None:
    match = CHROME.match(line) or FIREFOX.match(line)
    if not match:
        return None
    file = match[2]
    number = UNNAMED.search(file)
    name = MODULE.sub("", match[1] or "") or (number[0] if number else "<anonymous>")
    file = file.partition(":wasm-function[")[0].partition(".wasm:0x")[0]
    file = f"{file}.wasm" if ".wasm:0x" in match[2] else file
    # The functions of the page that loaded the module are not Rust's.
    own = in_app(name, file) if ".wasm" in file and match[1] else None
    return StackFrame(name[:NAME_LIMIT], "", file[:NAME_LIMIT], int(match[3]) if match[3] else None, own)
