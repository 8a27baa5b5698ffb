"""Line formats in which sanitizers, fuzzers and crash handlers print a native frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.native.cpp_symbols import demangle_cpp
from graph.parsing.native.names import frame_of

LINE_LIMIT = 20_000
"""Characters of a line that are read."""

HASH = re.compile(r"#(\d{1,6}+)(\.\d{1,3}+)?[ \t]++(?:(0x[0-9a-fA-F]++)\b[ \t]*+)?(in\b[ \t]*+)?")
PREFIX = re.compile(r"(?:.*[:\]|>)]|)[ \t]*\Z|.{0,60}[ \t]\Z")
BUILD_ID = re.compile(r"\((?:BuildId: [0-9a-fA-F]{0,64}+|discriminator \d{1,9}+|inlined by)\)[ \t]*\Z")
MODULE = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)?)\+(0x[0-9a-fA-F]{1,16}+)\)[ \t]*\Z")
FUCHSIA_MODULE = re.compile(r"<(<?[^<>]*>?)>\+(0x[0-9a-fA-F]{1,16}+)[ \t]*\Z")
UNKNOWN_MODULE = re.compile(r"\(?<(?:unknown module|null|unknown)>\)?[ \t]*\Z")
PLACE_LINE = re.compile(r":\d{1,9}+(?::\d{1,9}+)?\Z")
BARE_FILE = re.compile(r"[\w.+-]{1,100}\.(?:c|cc|cpp|cxx|S|s|rs|go|m|mm|swift)")
"""A source file without folder and line, as symbolizers name that of a function without line numbers."""
SHARED_OBJECT = re.compile(r"[\w./+-]*\.(?:so|dll|dylib|exe)(?:\.[\d.]+)?|\[\w+\]|/\S+", re.IGNORECASE)
NO_PLACE = frozenset({"??:?", "??:0", "<null>", "_asan_rtl_", "<unknown>", ":?", "(<unknown module>)"})
UNKNOWN = "<unknown>"
CACHED_LENGTH = 500
"""Longer frames are not cached, so that hostile input cannot fill the memory."""

BACKTRACE = re.compile(
    r"[ \t]*+(?:(\S[^()\n]*+)\(([^()\n]*+(?:\([^\n]*\)[^()\n]*+)?)\)[ \t]?)?\[(0x[0-9a-fA-F]{1,16})\][ \t]*\Z"
)
BACKTRACE_NUMBER = re.compile(r".{0,60}?#(\d{1,4})[ \t]{1,4}(?=\S)")
NUMBERED = re.compile(r"[ \t]*(\d{1,4}+):[ \t]++(?:(0x[0-9a-fA-F]{1,16}+)\b)?[ \t]*+(.*)")
WINDOWS = re.compile(r"[^\S\n]++(\S[^\n]*?)[ \t]\[0x[0-9A-Fa-f]{6,16}(?:\+\d{1,9})?\](?:[ \t]\(([^\n]{0,1000})\))?[ \t]*+\Z")
COLUMNS = re.compile(r"[ \t]*(\d{1,4}+)[ \t]++(?:(\S[^\n]{0,200}?)[ \t]++)?(0x[0-9a-fA-F]{8,16}+)(?:[ \t]++([^\n]*))?\Z")
AT_SIGN = re.compile(r"[^\n@]{0,200}@[ \t]++0x[0-9a-fA-F]{1,16}+[ \t]++(?:\(unknown\)|\d{1,9}+[ \t]++)?([^\n]*)")
HONGGFUZZ = re.compile(r"[ \t]*<0x[0-9a-fA-F]{1,16}+>[ \t]\[(?:func:)?([^\n]*)\][ \t]*\Z")
PLUS = re.compile(r"(?<![ \t])[ \t]*+\+[ \t]*+(?:\d{1,12}|0x[0-9a-fA-F]{1,16})\Z")


@dataclass(slots=True)
class FrameLine:
    """One frame line, with the frame's number and address if printed."""

    frame: StackFrame
    number: int | None = None
    address: str = ""


Style = Callable[[str], FrameLine | None]


def hash_line(line: str) -> FrameLine | None:
    """``#3 0x55d in run(int) src/run.c:12:5 (program+0x55d)``, as sanitizers and fuzzers print it."""
    at = line.find("#", 0, 400)
    while at >= 0:
        match = HASH.match(line, at)
        if match and (match[3] or _is_symbolised(line)) and PREFIX.match(line[:at]):
            rest = line[match.end() : LINE_LIMIT]
            if rest.startswith("[<"):
                return None
            frame = _cached_frame(rest) if len(rest) <= CACHED_LENGTH else _frame(rest)
            return FrameLine(replace(frame, inlined=True) if match[2] else frame, int(match[1]), match[3] or "")
        at = line.find("#", at + 1, 400)
    return None


def _is_symbolised(line: str) -> bool:
    """Without an address, a line is a frame only if it ends with a module and an offset."""
    return line.rstrip().endswith(")") and "+0x" in line


def _frame(text: str) -> StackFrame:
    """Parse the part after number and address: a symbol, possibly a location, possibly a module."""
    text = text.rstrip()
    library = offset = ""
    while match := BUILD_ID.search(text, max(0, len(text) - 100)):
        text = text[: match.start()]
    match = MODULE.search(text, max(0, text.rfind(" ("))) or FUCHSIA_MODULE.search(text, max(0, text.rfind(" <", 0, -1) - 1))
    if match:
        library, offset, text = match[1], match[2], text[: match.start()]
        # macOS appends the architecture to the library.
        library = library.rpartition(":")[0] if ":" in library[2:] else library
    elif match := UNKNOWN_MODULE.search(text, max(0, len(text) - 30)):
        text = text[: match.start()]
    symbol, place = _split(text.strip())
    if symbol and not place and SHARED_OBJECT.fullmatch(symbol):
        library, symbol = library or symbol, ""
    return frame_of(symbol if symbol not in {"??", "<null>"} else "", place, library, offset)


_cached_frame = lru_cache(maxsize=8_192)(_frame)


def _split(text: str) -> tuple[str, str]:
    """Split into symbol and location; the location follows the last space, unless its path contains spaces."""
    head, space, tail = text.rpartition(" ")
    if not space:
        return text, ""
    if tail in NO_PLACE:
        return head.rstrip(), ""
    if BARE_FILE.fullmatch(tail) and not head.endswith((",", "(", "<")):
        return head.rstrip(), tail
    if not PLACE_LINE.search(tail) and not _is_path(tail):
        drive = text.find(":\\")
        return (text[: drive - 2], text[drive - 1 :]) if drive > 1 and text[drive - 2] == " " else (text, "")
    head = head.rstrip()
    # A path with spaces starts after the last bracket of the symbol.
    behind = max(head.rfind(")"), head.rfind(">"), 0)
    begins = min((at for at in (head.find(" /", behind), head.find(":\\", behind) - 2) if at >= 0), default=-1)
    if begins >= 0 and head[begins] == " ":
        return head[:begins], text[begins + 1 :]
    return head, tail


def _is_path(text: str) -> bool:
    return ("/" in text or "\\" in text) and not text.endswith((")", ">", ",", "&", "*"))


def backtrace_line(line: str) -> FrameLine | None:
    """``/lib/libfoo.so(function+0x61) [0x7fe0]``, as ``backtrace_symbols`` prints it."""
    match = BACKTRACE.match(line[:LINE_LIMIT])
    if not match:
        return None
    if match[1] is None:
        return FrameLine(frame_of(UNKNOWN))
    symbol, plus, offset = match[2].rpartition("+")
    return FrameLine(frame_of(symbol if plus else match[2], "", match[1], offset if plus else ""))


def numbered_backtrace_line(line: str) -> FrameLine | None:
    """``#0 /lib/libfoo.so(_Zfoov+0x61) [0x7fe0]``, as GWP-ASan prints it."""
    match = BACKTRACE_NUMBER.match(line)
    frame_line = backtrace_line(line[match.end() :]) if match else None
    if not match or frame_line is None:
        return None
    function = demangle_cpp(frame_line.frame.function)
    return FrameLine(replace(frame_line.frame, function=function), int(match[1]))


def numbered_line(line: str) -> FrameLine | None:
    """``3: 0xb090e0 node::Abort() [node]``."""
    match = NUMBERED.match(line[:LINE_LIMIT])
    if not match or not (match[2] or match[3].endswith("]") or match[3].startswith("__libc_start")):
        return None
    symbol, _, library = match[3].partition(" [") if match[3].endswith("]") else (match[3], "", "")
    return FrameLine(frame_of(symbol or ("" if library else UNKNOWN), "", library.rstrip("]")), int(match[1]))


def windows_line(line: str) -> FrameLine | None:
    """``shop::Cart::add [0x00007FF9B2DDC1BA+58] (shop/cart.cc:332)``, as Chromium prints it on Windows."""
    match = WINDOWS.match(line[:LINE_LIMIT])
    if not match:
        return None
    return FrameLine(frame_of(UNKNOWN if match[1] == "(No symbol)" else match[1], match[2] or ""))


def column_line(line: str) -> FrameLine | None:
    """``3   libfoo.dylib   0x7f161a913b13 run(int) + 12``; the library may be missing."""
    match = COLUMNS.match(line[:LINE_LIMIT])
    if not match:
        return None
    symbol = PLUS.sub("", match[4] or "")
    return FrameLine(frame_of(symbol or ("" if match[2] else UNKNOWN), "", match[2] or ""), int(match[1]))


def at_line(line: str) -> FrameLine | None:
    """``@     0x7f6f8c  run()``, as absl and glog print it."""
    match = AT_SIGN.match(line[:LINE_LIMIT])
    if not match or line.lstrip().startswith("PC:"):
        return None
    return FrameLine(frame_of(match[1].strip() or UNKNOWN))


def honggfuzz_line(line: str) -> FrameLine | None:
    """``<0x00000055d> [func:run file:src/run.c line:12 module:/srv/run]``."""
    match = HONGGFUZZ.match(line[:LINE_LIMIT])
    if not match:
        return None
    symbol, _, rest = match[1].partition(" file:")
    file, _, rest = rest.partition(" line:")
    line_number, _, module = rest.partition(" module:")
    return FrameLine(frame_of("" if symbol == "UNKNOWN" else symbol, f"{file}:{line_number}" if file else "", module))


STYLES: tuple[Style, ...] = (hash_line, backtrace_line, windows_line, numbered_line, column_line, at_line, honggfuzz_line)
SANITIZER: tuple[Style, ...] = (hash_line,)
