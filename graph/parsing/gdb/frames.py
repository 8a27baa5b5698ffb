"""Read one frame in the format of gdb, joined if it was wrapped.

``#3  0x00005555555552f3 in shop::Basket::total (this=0x0, currency="EUR") at basket.cpp:17``; the address is missing at the
start of a source line, ``at`` and ``from`` are missing without debug information.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.model.report import StackFrame
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import line_at

START = re.compile(r"[ \t>|*]{0,40}+#(\d{1,7})(\s{1,8}+)(?=\S)")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{1,16} in ")
SPECIAL = ("<signal handler called>", "<function called from gdb>", "<cross-architecture call>")
HANDLER = SPECIAL[0]
PAGER = ("--Type <", "---Type <")
OPERATOR = re.compile(r"operator\s?(?:\(\)|\[\]|<=>|<<=?|>>=?|->\*?|[-+*/%^&|~!=<>,]{1,2}+)")
UNKNOWN = "??"
# A frame with its arguments is read up to these limits; the rest is ignored.
LINE_COUNT_LIMIT = 60
FRAME_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class GdbFrame:
    """One frame: ``number`` and ``arguments`` as printed, ``addressed`` if it has an address, ``whole`` if complete."""

    number: int
    frame: StackFrame
    arguments: str
    addressed: bool
    whole: bool

    @property
    def is_handler(self) -> bool:
        """Whether this is a signal handler call: the signal was raised in the frames after it."""
        return self.frame.function == HANDLER


def read_frame(text: str, position: int, limit: int) -> tuple[GdbFrame, int] | None:
    """Read the frame on the line at ``position``; returns it with the start of the next line, or ``None``."""
    line, after = line_at(text, position, limit)
    start = START.match(line[:64])
    if not start:
        return None
    body, after = _join_lines(text, line[start.end() :], after, limit)
    padded = len(start[2]) > 1 or len(start[1]) > 1
    parsed = parse_frame(body, padded)
    if not parsed:
        return None
    frame, arguments, whole = parsed
    return GdbFrame(int(start[1]), frame, arguments, bool(ADDRESS.match(body)), whole), after


def parse_frame(body: str, padded: bool = True) -> tuple[StackFrame, str, bool] | None:
    """Parse the text after a frame number into the frame, its arguments and whether it is complete.

    ``padded`` says that the spacing after the number is gdb's; without it, only a source location identifies a frame.
    """
    body = body.strip()
    if body in SPECIAL:
        return StackFrame(body, in_app=False), "", True
    address = ADDRESS.match(body[:40])
    rest = body[address.end() :] if address else body
    opened = _arguments_at(rest)
    if opened < 0:
        return None
    symbol, (arguments, file, library, whole) = rest[:opened], _tail(rest[opened + 1 :])
    if not symbol.strip() or not _is_gdb_frame(arguments, file or library, bool(address), padded):
        return None
    if symbol.strip() == UNKNOWN:
        nameless = frame_of("", "", library)
        return StackFrame(UNKNOWN, nameless.module, in_app=nameless.in_app), arguments, whole
    return frame_of(symbol, file, library), arguments, whole


def _join_lines(text: str, body: str, after: int, limit: int) -> tuple[str, int]:
    """Join a wrapped frame; returns it with the start of the next line."""
    parts = [body[:FRAME_LIMIT]]
    size = len(parts[0])
    for _ in range(LINE_COUNT_LIMIT):
        whole = _is_whole(parts)
        line, following = line_at(text, after, limit)
        if line.startswith(PAGER):
            after = following
            continue
        bare = line.strip()
        placed = bare.startswith(("at ", "from ")) and parts[-1].rstrip().endswith(")")
        if after >= limit or not bare or size > FRAME_LIMIT or (whole and not placed) or START.match(line[:64]):
            break
        if not placed and not _continues(parts, line):
            break
        parts.append(bare[:FRAME_LIMIT])
        size += len(bare)
        after = following
    return " ".join(parts), after


def _continues(parts: list[str], line: str) -> bool:
    """Whether a line continues an incomplete frame: it is indented, or the line before ends with a comma or keyword."""
    return line[:1] in {" ", "\t"} or parts[-1].rstrip().endswith((",", "(", "at", "from", "in"))


def _is_whole(parts: list[str]) -> bool:
    """Whether the frame is complete, judged by its last line."""
    last = parts[-1].rstrip()
    if last in SPECIAL or last.endswith(")"):
        return True
    at = _place_start(last)
    # After a quote it belongs to a string argument.
    return bool(at and '"' not in last[at:]) or (last.startswith(("at ", "from ")) and len(parts) > 1)


def _place_start(text: str) -> int:
    """Start of the location after the arguments, or 0."""
    return max(text.rfind(") at "), text.rfind(") from "), 0)


def _tail(text: str) -> tuple[str, str, str, bool]:
    """Split the text after the opening bracket: arguments, file with line, library, and whether the closing bracket exists."""
    if text.endswith(")"):
        return text[:-1], "", "", True
    at = _place_start(text)
    if at or text.startswith((") at ", ") from ")):
        word, _, place = text[at + 2 :].partition(" ")
        return text[:at], place if word == "at" else "", place if word == "from" else "", True
    closed = text.rfind(")")
    return (text[:closed], "", "", True) if closed >= 0 else (text, "", "", False)


def _is_gdb_frame(arguments: str, place: str, addressed: bool, padded: bool) -> bool:
    """Whether a function with brackets is a frame of gdb: other tools print similar lines."""
    if place:
        return True
    if arguments and not ("=" in arguments or arguments == "..."):
        return False
    return padded and (addressed or not arguments or "=" in arguments)


def _arguments_at(text: str) -> int:
    """Position of the opening bracket of the arguments: the first `` (`` outside the brackets of the name; -1 if missing."""
    position, size = 0, min(len(text), FRAME_LIMIT)
    if text.find(" (", 0, size + 1) < 0:
        return -1
    opened: list[str] = []
    while position < size:
        character = text[position]
        operator = OPERATOR.match(text, position) if character == "o" else None
        if operator:
            position = operator.end()
            continue
        if character == " " and not opened and text.startswith("(", position + 1):
            return position + 1
        if character in "(<{[":
            opened.append(character)
        elif opened and (character in ")}]" or (character == ">" and opened[-1] == "<")):
            opened.pop()
        position += 1
    return text.find(" (", 0, size) + 1 or -1
