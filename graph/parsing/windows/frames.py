r"""Read native frames on Windows in the formats of debuggers and crash handlers.

``0915b084 6eefc617 0915b098 app!Cart::total+0x46 [d:\src\cart.cpp @ 12]`` of cdb and WinDbg (``k`` or ``STACK_TEXT``),
``app.exe!Cart::total(int rate) Line 12 + 0x5 bytes C++`` of Visual Studio, ``Game.exe!UCart::Total() [D:\src\Cart.cpp:12]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import line_at
from graph.rules import frame_rules

ADDRESS = r"(?:[0-9a-fA-F]{8}`[0-9a-fA-F]{8}|[0-9a-fA-F]{16}|[0-9a-fA-F]{8}|-{8}`-{8}|-{8,16})"
CDB = re.compile(
    rf"[ \t]{{0,4}}+(?:[0-9a-fA-F]{{2,4}}[ \t]{{1,2}})?(?:(?P<inline>\(Inline(?: Function)?\))|{ADDRESS})"
    r"[ \t]{1,4}(?P<rest>\S.*)"
)
NAMELESS = re.compile(r"(?:0x|<unknown>|(?=[a-fA-F]{0,15}\d)[0-9a-fA-F]{8}(?:[0-9a-fA-F]{8})?(?:\(\))?\Z)")
STACK_WORDS = re.compile(rf"(?:(?:{ADDRESS}|:)(?:[ \t]{{1,8}}|\Z))*+")
BARE_ADDRESS = re.compile(r"0x[0-9a-fA-F`]{1,20}\Z|\(.{0,80}\)\Z")
PLACE = re.compile(r"\s?\[([^\[\]\n]{1,600}?)\s?(?:@|:)\s?(\d{1,9})\]\s*\Z")
LINE = re.compile(r"\s{1,4}Line (\d{1,9})")
# Suffixes that Visual Studio appends to a frame.
STUDIO_SUFFIX = re.compile(r"(?:\s{1,4}\+ ?0x[0-9a-fA-F]{1,8} bytes)?(?:\s{1,8}(?:C\+\+|C|C#|Unknown|Native|Basic|Rust|F#))?\Z")
OFFSET = re.compile(r"\+(?:0x)?([0-9a-fA-F]{1,16})\Z")
MODULE = re.compile(r"[\w.+~-]{1,120}\Z")
IMAGE = re.compile(r"(?i)\.(?:exe|dll|sys|ocx|drv|pyd|node|cpl|scr|efi|xll|fll|plugin)\Z")
REBASED = re.compile(r"_[0-9a-fA-F]{6,8}\Z")
PROBABLE = re.compile(r"Probably caused by ?: ([\w.+-]{1,80})(?: \( ?([^\s()]{1,400}) ?\))?")
INLINE = "[Inline Frame]"
# Maximum lines between two frames, such as warnings about missing symbols.
GAP_LIMIT = 4
LINE_LIMIT = 4_000


def read_debugger_frames(text: str, position: int, limit: int) -> tuple[list[StackFrame], int]:
    """Read the frames that cdb lists from ``position`` on, and the position after them; wrapped lines are joined."""
    lines: list[str] = []
    gap, end = 0, position
    while position < limit and gap < GAP_LIMIT:
        line, position = line_at(text, position, limit)
        if CDB.match(line[:LINE_LIMIT]):
            lines.append(line[:LINE_LIMIT])
            gap, end = 0, position
        elif not line.strip():
            if lines:
                break
            gap += 1
        elif lines and not gap and _is_continuation(line):
            lines[-1] = lines[-1].rstrip() + line.strip()
            end = position
        elif line.startswith(("WARNING", "***", "ERROR")):
            continue
        else:
            gap += 1
    return [frame for frame in map(_debugger_frame, lines) if frame], end


def _is_continuation(line: str) -> bool:
    """Whether a line is the rest of a frame wrapped by an 80-column console."""
    return len(line) < 80 and ":" not in line.replace("::", "") and " " not in line.strip() and "!" not in line


def _debugger_frame(line: str) -> StackFrame | None:
    match = CDB.match(line)
    if not match:
        return None
    rest = match["rest"]
    rest = rest[STACK_WORDS.match(rest).end() :].strip()  # type: ignore[union-attr]  # it matches the empty text too
    if not rest:
        return None
    frame = StackFrame("<unknown>") if BARE_ADDRESS.match(rest) else parse_frame(rest)
    return replace(frame, inlined=bool(match["inline"])) if frame else None


def parse_frame(text: str) -> StackFrame | None:
    """Parse ``module!function`` with offset or location or both, or ``module+offset``."""
    text = text.strip()
    placed = PLACE.search(text[-700:])
    place = f"{placed[1]}:{placed[2]}" if placed else ""
    if placed:
        text = text[: text.rindex("[")].rstrip()
    offset = OFFSET.search(text[-20:])
    if offset:
        text = text[: text.rindex("+")]
    module, mark, symbol = text.partition("!")
    module = module.strip().rpartition(" ")[2]
    if not mark:
        return _windows_frame("", place, module, f"0x{offset[1]}") if offset else None
    return _windows_frame(symbol, place, module, f"0x{offset[1]}" if offset else "")


def probable_cause(text: str, position: int, limit: int) -> tuple[list[StackFrame], int]:
    """The frame that a debugger names as the probable cause, with the end of its line; none with ``position``."""
    cause = PROBABLE.search(text, position, limit)
    if not cause:
        return [], position
    frame = parse_frame(cause[2]) if cause[2] else None
    return [frame or _windows_frame("", "", cause[1], "")], line_at(text, cause.end(), limit)[1]


def _windows_frame(symbol: str, place: str, module: str, offset: str) -> StackFrame:
    module = REBASED.sub("", module)
    # A symbol that only repeats an address is not a name.
    symbol = "" if NAMELESS.match(symbol.strip()) else symbol
    frame = frame_of(symbol, place, module, offset)
    if frame.in_app is None and frame_rules("native").is_library(f"{module.lower()}.+{offset}", None):
        return replace(frame, in_app=False)
    return frame


def read_listed_frames(text: str, position: int, limit: int, reach: int) -> tuple[list[StackFrame], int]:
    """Read the frames that Visual Studio and crash handlers list; the first is at most ``reach`` lines below ``position``.

    Returns the frames with the position after them.
    """
    frames: list[StackFrame] = []
    gap, end = 0, position
    while position < limit and gap < (GAP_LIMIT if frames else reach):
        line, position = line_at(text, position, limit)
        frame = parse_listed_frame(line[:LINE_LIMIT]) if "!" in line else None
        if frame:
            frames.append(frame)
            gap, end = 0, position
        else:
            gap += 1
    return frames, end


def parse_listed_frame(line: str) -> StackFrame | None:
    """Parse the frame on a line, after any prefix; ``None`` unless a location or a program file identifies it."""
    head, mark, rest = line.partition("!")
    module = MODULE.search(head[-130:])
    if not mark or not module or not rest[:1].strip():
        return None
    number = LINE.search(rest)
    placed = PLACE.search(rest[-700:])
    if number:
        symbol, place = rest[: number.start()], f":{number[1]}"
    elif placed:
        symbol, place = rest[: rest.rindex("[")], f"{placed[1]}:{placed[2]}"
    elif IMAGE.search(module[0]):
        symbol, place = rest, ""
    else:
        return None
    symbol = STUDIO_SUFFIX.sub("", symbol.strip(), count=1)
    offset = OFFSET.search(symbol[-20:])
    symbol = symbol[: symbol.rindex("+")] if offset else symbol
    frame = _windows_frame(symbol, place, module[0], f"0x{offset[1]}" if offset else "")
    line_number = int(number[1]) if number else frame.line
    return replace(frame, file=frame.file if placed else None, line=line_number, inlined=INLINE in head)


def find_listed_stacks(text: str, position: int, limit: int) -> Iterator[int]:
    """Yield the start of each line on which Visual Studio lists a frame with a source line."""
    at = text.find(" Line ", position, limit)
    while at >= 0:
        start = text.rfind("\n", max(position, at - LINE_LIMIT), at) + 1
        end = text.find("\n", at, limit)
        end = limit if end < 0 else end
        # One test per line: a test per occurrence would be quadratic in the length of the line.
        last = text.rfind(" Line ", at, end)
        is_near = start > 0 or at <= LINE_LIMIT
        if is_near and text.find("!", start, last) >= 0 and parse_listed_frame(text[start : min(end, start + LINE_LIMIT)]):
            yield start
        at = text.find(" Line ", end, limit)
