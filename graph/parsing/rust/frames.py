"""Read a Rust backtrace: short, full with addresses, as color-eyre prints it, or in the layout of a sanitizer."""

from __future__ import annotations

import re
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library

FRAME = re.compile(r"[ \t]*+(\d{1,7}):[ \t]++(?:(0x[0-9a-f]++) - )?(\S[^\n]*)$")
PLACE = re.compile(r"[ \t]*+at ([^\n]{1,2000}?):(\d{1,9})(?::\d{1,9})?\s*$")
# `#1.2  0x0123 in name file:line <module>+0x12`
NUMBERED = re.compile(r"[ \t]*+#\d{1,6}(?:\.\d{1,3})?[ \t]++(0x[0-9a-f]++) in ([^\n]+)$")
NUMBERED_PLACE = re.compile(r" (\S+):(\d{1,9})(?::\d{1,9})?(?: <\S*>(?:\+0x[0-9a-f]+)?)?\s*$")
# `0: 0x9e2 - shop.wasm!shop::pay`: the guest of Wasmtime
GUEST = re.compile(r"[ \t]*+\d{1,6}:[ \t]++0x[0-9a-f]++ - [^\s!]{1,300}!(\S[^\n]*)$")
NON_FRAME = re.compile(r"[ \t]*+(?:\d{1,9} [│>]|\[\[\[|⋮ ?\d+ frames? hidden|\[\.\.\. omitted )")
UNKNOWN = "<unknown>"


def in_app(function: str, file: str | None) -> bool | None:
    """Whether a function belongs to the application; ``None`` for one without a name."""
    if function == UNKNOWN:
        return None
    return not is_library("rust", function, file)


def read_backtrace(lines: Lines) -> tuple[StackFrame, ...]:
    """Read the frames from the current line on; stop after the last one."""
    frames: list[StackFrame] = []
    addresses: list[str] = []
    while (line := lines.line) is not None:
        match = FRAME.match(line) or NUMBERED.match(line)
        if not match:
            if not NON_FRAME.match(line):
                break
            lines.skip()
            continue
        lines.skip()
        if match.re is NUMBERED:
            frames.append(_numbered(match[2]))
            addresses.append(match[1])
            continue
        file, number = _place(lines)
        name = match[3].rstrip()
        name = name.removesuffix(UNKNOWN) or UNKNOWN
        frames.append(_frame(name, file, number))
        addresses.append(match[2] or "")
    return fold_repeats(_with_inlined(frames, addresses))


def read_guest_stack(lines: Lines) -> tuple[StackFrame, ...]:
    """Read the frames of a WebAssembly module from the current line on; empty if there are none."""
    frames: list[StackFrame] = []
    while (line := lines.line) is not None and (match := GUEST.match(line)):
        lines.skip()
        file, number = _place(lines)
        frames.append(_frame(match[1].strip(), file, number))
    return fold_repeats(frames)


def _place(lines: Lines) -> tuple[str | None, int | None]:
    """Read the location of a frame; of an inlined call, the lines below it name the callers' locations."""
    place: tuple[str, int] | None = None
    while lines.line is not None and (match := PLACE.match(lines.line)):
        place = place or (match[1], int(match[2]))
        lines.skip()
    return place or (None, None)


def _numbered(text: str) -> StackFrame:
    match = NUMBERED_PLACE.search(text, max(0, len(text) - 2000))
    name = text[: match.start()] if match else text.partition(" <")[0]
    name = name.partition("(")[0] if name.endswith(")") and not name.startswith("<") else name
    return _frame(name.strip(), match[1] if match else None, int(match[2]) if match else None)


def _frame(name: str, file: str | None, line: int | None) -> StackFrame:
    name = name[:NAME_LIMIT]
    return StackFrame(name, "", file[:NAME_LIMIT] if file else None, line, in_app(name, file))


def _with_inlined(frames: list[StackFrame], addresses: list[str]) -> list[StackFrame]:
    """Mark inlined frames: of frames with one address, only the last is a function of its own."""
    return [
        replace(frame, inlined=True) if address and index + 1 < len(frames) and addresses[index + 1] == address else frame
        for index, (frame, address) in enumerate(zip(frames, addresses, strict=True))
    ]
