"""Read the stacks that native programs print, in the format of each library.

``./shop(_ZN4shop3payEv+0x1f) [0x55d0c0ffe1d0]`` of ``backtrace_symbols``, ``    @     0x55d0c0ffee00 shop::pay()`` of folly,
glog and Abseil, `` 0# shop::pay() at pay.cpp:17`` of Boost, ``Source "pay.cpp", line 17, in shop::pay()`` of backward-cpp,
``#0  0x000055d6c7b5a139 pay (shop + 0x1139)`` of systemd (``(shop)`` before version 250), ``[1] shop::pay() (pay.cpp:17)``
of Godot, ``3. pay.cpp:17: shop::pay() @ 0x000055d6 in /opt/shop`` of ClickHouse, ``#1: shop::pay() [0x55d6]`` of Envoy, and
the JSON records of MongoDB with one frame each.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.backtrace.servers import RECORD, numbered_frame, record_frame
from graph.parsing.native.cpp_symbols import demangle_cpp
from graph.parsing.native.names import frame_of, place_of
from graph.parsing.protocol import SharedLiterals, line_at

# First line of a stack, per format. Each pattern begins with a literal, which makes the search fast; the text is searched
# with a line feed prepended.
FIRST_LINES = {
    "brackets": re.compile(r"\) ?\[0x[0-9a-fA-F]{4,16}\]"),
    "at_signs": re.compile(r"\n[ \t]{2,8}@ {1,20}(?:0x)?[0-9a-fA-F]{4,16} "),
    "boost": re.compile(r"\n[ \t]{0,4}0# \S"),
    "backward": re.compile(r"Stack trace \(most recent call (?:last|first)\)"),
    "coredump": re.compile(r"Stack trace of thread \d{1,9}:"),
    "godot": re.compile(r"Dumping the backtrace\."),
    "hashes": re.compile(r"#0: (?:\S[^\n]{0,2000} )?\[0x[0-9a-fA-F]{4,16}\]"),
    "records": re.compile(r'"attr":\{"frame":\{"a":"'),
    "numbered": re.compile(r" @ 0x[0-9a-fA-F]{4,16}(?: in \S|\r?\n)"),
}
MARKS = {
    "brackets": "[0x",
    "at_signs": "@ ",
    "boost": "0# ",
    "backward": "Stack trace (",
    "coredump": "Stack trace of thread ",
    "godot": "Dumping the backtrace.",
    "hashes": "#0: ",
    "records": RECORD,
    "numbered": " @ 0x",
}
ANY_MARK = SharedLiterals(*MARKS.values())
HEADED = frozenset({"coredump", "godot"})
"""Formats with a header: a single frame below it is a stack."""
THREAD = "Stack trace of thread "
LINE_LIMIT = 4_000
GAP_LIMIT = 2
ADDRESS = re.compile(r"\[(0x[0-9a-fA-F]{1,16})\]\s*\Z")
NUMBER = re.compile(r"(?<![ \t])[ \t]*+\d{1,4}: ")
OFFSET = re.compile(r"[+-](0x[0-9a-fA-F]{1,16})\Z")
AT_SIGN = re.compile(r"[ \t]{1,8}@ {1,20}(?:0x)?[0-9a-fA-F]{1,16}[ \t]{1,20}(?:(?:\d{1,9}|\(unknown\))[ \t]{1,4}(?=\S))?(\S.*)")
AT_SIGN_PLACE = re.compile(r"[ \t]{8,40}(?:-> )?(\S{1,1000}:\d{1,9})\s*\Z")
BOOST = re.compile(r"[ \t]{0,4}\d{1,6}# (\S.*)")
BACKWARD = re.compile(
    r"(?P<number>#\d{1,6})?[ \t]{1,12}(?P<inliner>\| )?(?:"
    r'Source "(?P<file>[^"\n]{1,1000})", line (?P<line>\d{1,9}), in (?P<function>\S.*)'
    r'|Object "(?P<library>[^"\n]{0,1000})", at (?P<address>\S{1,40}), in (?P<symbol>.*))'
)
COREDUMP = re.compile(
    r"#\d{1,6}[ \t]{1,4}0x[0-9a-fA-F]{1,16} (?P<symbol>.{1,2000}?)"
    r" \((?P<library>[^()\n]{1,300}?)(?: \+ (?P<offset>0x[0-9a-fA-F]{1,16})\)|\)\s*\Z)"
)
GODOT = re.compile(r"\[\d{1,4}\] (\S(?:.*?\S)?)(?: \(([^()\n]{1,1000})\))?\s*+\Z")
NUMBERED = re.compile(
    r"(?:.{0,200}: |[ \t]{0,8})\d{1,4}\. (?P<inlined>inlined from )?(?:(?P<place>[^\s:]{1,1000}:\d{1,9}): )?"
    r"(?P<symbol>\S(?:.{0,3999}?\S)?)(?: @ (?P<address>0x[0-9a-fA-F]{1,16})(?: in (?P<library>\S.{0,400}))?)?\s*+\Z"
)
PROGRAM_COUNTER = re.compile(r"PC: ?(@ .*)")
UNKNOWN = frozenset({"(unknown)", "n/a", "??", "?", "??:0", "??:?", "<couldn't map PC to fn name>"})
STATIC = 0x10000000
"""Addresses below this are those of a program that is not relocated; they are as good as offsets."""


def read_stack(kind: str, text: str, start: int) -> tuple[list[StackFrame], int]:
    """Return the frames, innermost first, of the stack whose first line starts at ``start``, and the position after it."""
    return READERS[kind](text, start)


def _frames_by_line(
    text: str, start: int, read: Callable[[str], StackFrame | None], stop: str = "\n"
) -> tuple[list[StackFrame], int]:
    """Read one frame per line from ``start`` on, across at most ``GAP_LIMIT`` other lines, until a line contains ``stop``."""
    frames: list[StackFrame] = []
    position = end = start
    gap = 0
    while position < len(text) and gap <= GAP_LIMIT:
        line, position = line_at(text, position, len(text))
        if stop in line:
            break
        frame = read(line[:LINE_LIMIT])
        gap = 0 if frame else gap + 1
        if frame:
            frames.append(frame)
            end = position
    return frames, end


def _bracket_frame(line: str) -> StackFrame | None:
    """Parse a frame of ``backtrace_symbols``: program, symbol and offset in round brackets, address in square ones."""
    match = ADDRESS.search(line)
    head = line[: match.start()].rstrip() if match else ""
    if not match or not head.endswith(")"):
        return None
    opened = _opening(head)
    if opened < 0:
        return None
    inner = head[opened + 1 : -1]
    offset = OFFSET.search(inner[-24:])
    symbol = demangle_cpp(inner[: inner.rindex(offset[0])] if offset else inner).removeprefix("()")
    place = offset[1] if offset else match[1] if int(match[1], 16) < STATIC else ""
    library = _program(head[:opened])
    return frame_of(symbol, "", library, place) if library or not offset else frame_of(symbol)


def _opening(head: str) -> int:
    """Position of the bracket that the last character closes; -1 if there is none."""
    depth = 0
    for place in range(len(head) - 1, -1, -1):
        character = head[place]
        depth += (character == ")") - (character == "(")
        if not depth:
            return place
    return -1


def _program(path: str) -> str:
    """Name of a program or library: the last part of its path, or the first word of a server's process title."""
    path = NUMBER.sub("", path).strip()
    if "/" in path:
        return path.rpartition("/")[2].partition(" ")[0]
    return path.partition(": ")[0] if ": " in path and " " not in path.partition(": ")[0] else path.rpartition(" ")[2]


def _brackets(text: str, start: int) -> tuple[list[StackFrame], int]:
    return _frames_by_line(text, start, _bracket_frame)


def _at_signs(text: str, start: int) -> tuple[list[StackFrame], int]:
    """Read frames marked with ``@``; folly prints the location of each on the line below."""
    frames: list[StackFrame] = []
    position = end = start
    gap = 0
    while position < len(text) and gap <= GAP_LIMIT:
        line, position = line_at(text, position, len(text))
        match, place = AT_SIGN.match(line[:LINE_LIMIT]), AT_SIGN_PLACE.match(line[:LINE_LIMIT])
        gap = 0 if match or place else gap + 1
        if match:
            frames.append(_at_sign_frame(match[1].strip()))
            end = position
        elif place and frames:
            file, number = place_of(place[1].removeprefix("./"))
            frames[-1], end = replace(frames[-1], file=file, line=number), position
    return frames, end


def interrupted_frame(text: str, floor: int, start: int) -> StackFrame | None:
    """The frame on the line ``PC: @``, one or two lines above a stack, in which a signal was raised.

    Abseil prints it there alone; others list it in the stack as well. ``None`` if its symbol is unknown.
    """
    for line in reversed(text[max(floor, start - LINE_LIMIT) : start].splitlines()[-2:]):
        match = PROGRAM_COUNTER.search(line)
        called = AT_SIGN.match(f" {match[1]}") if match else None
        if called:
            return None if called[1].strip() in UNKNOWN else _at_sign_frame(called[1].strip())
    return None


def _at_sign_frame(symbol: str) -> StackFrame:
    return frame_of("" if symbol in UNKNOWN else demangle_cpp(symbol))


def _boost_frame(line: str) -> StackFrame | None:
    match = BOOST.match(line)
    if not match:
        return None
    body = match[1].strip()
    symbol, at, place = body.rpartition(" at ")
    if at and ":" in place:
        return frame_of(symbol, place)
    symbol, _, library = body.rpartition(" in ")
    symbol = symbol or body
    address = symbol if symbol.startswith("0x") else ""
    return frame_of("" if address else symbol, "", library, address)


def _boost(text: str, start: int) -> tuple[list[StackFrame], int]:
    return _frames_by_line(text, start, _boost_frame)


def _backward(text: str, start: int) -> tuple[list[StackFrame], int]:
    """Read frames of backward-cpp, printed between source lines; the order depends on the header."""
    header, position = line_at(text, start, len(text))
    frames: list[StackFrame] = []
    end, gap, within = position, 0, False
    while position < len(text) and gap < 30:
        begin = position
        line, position = line_at(text, position, len(text))
        match = BACKWARD.match(line[:LINE_LIMIT])
        if not match and not line[:1].isspace() and line.strip():
            # The cause is printed directly below the source of the last frame.
            end = begin if frames else end
            break
        gap = 0 if match else gap + 1
        if match:
            within = within and not match["number"]
            frames.append(_backward_frame(match, inlined=within))
            within, end = within or bool(match["inliner"]), position
    return (frames[::-1] if "call last" in header else frames), end


def _backward_frame(match: re.Match[str], *, inlined: bool) -> StackFrame:
    if match["function"]:
        frame = frame_of(match["function"].strip(), f"{match['file']}:{match['line']}")
    else:
        frame = frame_of(demangle_cpp(match["symbol"].strip()), "", match["library"], match["address"])
    return replace(frame, inlined=inlined)


def _coredump_frame(line: str) -> StackFrame | None:
    match = COREDUMP.search(line)
    if not match:
        return None
    symbol, library = match["symbol"].strip(), match["library"]
    if library in UNKNOWN:
        return frame_of("" if symbol in UNKNOWN else demangle_cpp(symbol))
    return frame_of("" if symbol in UNKNOWN else demangle_cpp(symbol), "", library, match["offset"] or "")


def _coredump(text: str, start: int) -> tuple[list[StackFrame], int]:
    """Read the frames of the first thread, the one that crashed; the other threads only extend the span."""
    _, position = line_at(text, start, len(text))
    frames, end = _frames_by_line(text, position, _coredump_frame, THREAD)
    while True:
        following = _next_thread(text, end)
        if following < 0:
            return frames, end
        others, after = _frames_by_line(text, following, _coredump_frame, THREAD)
        if not others:
            return frames, end
        end = after


def _next_thread(text: str, position: int) -> int:
    """Position of the next thread's frames; -1 if no thread header follows within a few lines."""
    for _ in range(4):
        line, position = line_at(text, position, len(text))
        if THREAD in line:
            return position
    return -1


def _godot_frame(line: str) -> StackFrame | None:
    match = GODOT.match(line)
    if not match:
        return None
    symbol = "" if match[1] in UNKNOWN else match[1]
    return _bracket_frame(symbol) or frame_of(symbol, "" if match[2] in UNKNOWN else match[2] or "")


def _godot(text: str, start: int) -> tuple[list[StackFrame], int]:
    return _frames_by_line(text, line_at(text, start, len(text))[1], _godot_frame, "END OF BACKTRACE")


def _numbered_frame(line: str) -> StackFrame | None:
    match = NUMBERED.match(line)
    if not match or not (match["address"] or match["inlined"]):
        return None
    symbol = "" if match["symbol"] in UNKNOWN else demangle_cpp(match["symbol"])
    frame = frame_of(symbol, match["place"] or "", match["library"] or "", match["address"] or "")
    return replace(frame, inlined=bool(match["inlined"]))


def _numbered(text: str, start: int) -> tuple[list[StackFrame], int]:
    return _frames_by_line(text, start, _numbered_frame)


def _hashes(text: str, start: int) -> tuple[list[StackFrame], int]:
    return _frames_by_line(text, start, numbered_frame)


def _records(text: str, start: int) -> tuple[list[StackFrame], int]:
    return _frames_by_line(text, start, record_frame)


READERS = {
    "brackets": _brackets,
    "at_signs": _at_signs,
    "boost": _boost,
    "backward": _backward,
    "coredump": _coredump,
    "godot": _godot,
    "hashes": _hashes,
    "records": _records,
    "numbered": _numbered,
}


def has_stack(text: str) -> bool:
    """Whether any line looks like the first line of a stack."""
    if not ANY_MARK.occurs_in(text):
        return False
    shapes = [kind for kind, mark in MARKS.items() if mark in text]
    shifted = "\n" + text if shapes else text
    return any(FIRST_LINES[kind].search(shifted) for kind in shapes)


def stacks(text: str) -> Iterator[tuple[str, int, list[StackFrame], int]]:
    """Yield format, start, frames and end of every stack in the text."""
    shifted = "\n" + text
    candidates = heapq.merge(*(_candidates(kind, shifted) for kind, mark in MARKS.items() if mark in text))
    position = 0
    for at, kind in candidates:
        if at < position:
            continue
        start = max(text.rfind("\n", max(0, at - LINE_LIMIT), at) + 1, min(position, at))
        frames, end = read_stack(kind, text, start)
        if len(frames) > (kind not in HEADED):
            yield kind, start, frames, end
        position = max(end, line_at(text, start, len(text))[1])


def _candidates(kind: str, shifted: str) -> Iterator[tuple[int, str]]:
    """Yield the position, in the original text, of each line that looks like the first of a stack of this format."""
    for match in FIRST_LINES[kind].finditer(shifted):
        # A line feed in the shifted text is the start of the line in the original.
        yield (match.start() if match[0].startswith("\n") else match.start() - 1), kind
