"""Frames of Apple's backtraces: ``1   Heron   0x0000000102d0b9fb Nest.count() + 120 (Nest.swift:31)``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.model.report import StackFrame
from graph.parsing.native.apple_symbols import apple_function_of
from graph.parsing.native.folding import fold_native_frames
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import is_library

FRAME = re.compile(
    r"[ \t]*+(\d{1,5})[ \t]++(?:\[inlined?\][ \t]++)?(\S(?:[^\n\t]{0,120}?[^\s])??)[ \t]++(0x[0-9a-fA-F]{1,16})(?!\w)"
    r"[ \t]*+([^\n]*)"
)
PLACE = re.compile(r" \(([^()\n]{1,400}?)(?::(\d{1,9})(?::\d{1,6})?)?\)$")
IN_IMAGE = re.compile(r" \(in ([^()\n]{1,200})\)")
DISTANCE = re.compile(r"(?: \+ |\+)(0x[0-9a-f]{1,16}|\d{1,19})$")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{1,16}$")
INLINED = "[inlined]"
UNKNOWN = "<unknown>"
NO_SYMBOLS = frozenset({"", "???", "<redacted>", "<unknown>", "(null)", "(Missing)"})
RUNTIME_FAILURE = "Swift runtime failure: "


@dataclass(frozen=True, slots=True)
class Image:
    """A loaded binary; ``end`` is exclusive."""

    name: str
    base: int = 0
    end: int = 0
    path: str = ""


@dataclass(slots=True)
class Images:
    """The loaded binaries of a process."""

    by_name: dict[str, Image] = field(default_factory=dict)
    _sorted: list[Image] | None = None
    _all: list[Image] = field(default_factory=list)

    def add(self, image: Image) -> None:
        """Add a binary; the first of a name counts for frames that give the name alone."""
        self.by_name.setdefault(image.name, image)
        self._all.append(image)
        self._sorted = None

    def at(self, address: int) -> Image | None:
        """The binary loaded at an address."""
        if self._sorted is None:
            self._sorted = sorted(self._all, key=lambda image: image.base)
        index = bisect_right(self._sorted, address, key=lambda image: image.base)
        image = self._sorted[index - 1] if index else None
        return image if image and address < image.end else None


@dataclass(frozen=True, slots=True)
class AppleFrame:
    """One line of a backtrace. ``symbol`` is empty without symbols; ``offset`` is then the distance from the image's start."""

    image: str
    symbol: str = ""
    address: int = 0
    offset: int | None = None
    file: str | None = None
    line: int | None = None
    inlined: bool = False


def parse_frame(line: str) -> tuple[int, AppleFrame] | None:
    """Number and frame of a line; ``None`` if it has none."""
    match = FRAME.match(line)
    if not match:
        return None
    rest, inlined = match[4].strip(), INLINED in line
    rest = rest.replace(INLINED, "").replace("  ", " ").strip() if inlined else rest
    place = PLACE.search(rest) if rest.endswith(")") else None
    file, number = None, None
    if place and not place[1].startswith("in ") and (place[2] or "." in place[1]) and place.start():
        rest = rest[: place.start()]
        file, number = place[1], int(place[2] or 0) or None
    image = match[2]
    inside = IN_IMAGE.search(rest)
    if inside:
        rest = rest[: inside.start()] + rest[inside.end() :]
    distance = DISTANCE.search(rest)
    symbol = (rest[: distance.start()] if distance else rest).strip()
    offset = None
    if symbol in NO_SYMBOLS or symbol == image or ADDRESS.fullmatch(symbol):
        offset = int(distance[1], 0) if distance and symbol not in NO_SYMBOLS else None
        symbol = ""
    if file and file.startswith("<"):
        file, number = None, None
    return int(match[1]), AppleFrame(image, symbol, int(match[3], 16), offset, file, number, inlined)


def address_frames(addresses: Iterable[str], images: Images) -> list[AppleFrame]:
    """Frames known by address alone, located in the images."""
    frames = []
    for word in addresses:
        address = int(word, 16)
        image = images.at(address)
        frames.append(AppleFrame(image.name, "", address, address - image.base) if image else AppleFrame("", "", address))
    return frames


def stack_frames(frames: Sequence[AppleFrame], images: Images) -> tuple[StackFrame, ...]:
    """The frames as the report's; a frame without symbol is named by its image and the offset in it."""
    return fold_native_frames(_stack_frame(frame, images) for frame in frames)


def runtime_failure(frames: Sequence[AppleFrame]) -> str:
    """The failure that the Swift compiler names in an inlined frame; empty if there is none."""
    return next((frame.symbol for frame in frames[:4] if frame.symbol.startswith(RUNTIME_FAILURE)), "")


def _stack_frame(frame: AppleFrame, images: Images) -> StackFrame:
    image = images.by_name.get(frame.image)
    function, module = apple_function_of(frame.symbol)[:NAME_LIMIT], ""
    if not function:
        offset = frame.offset
        if offset is None and image and image.base <= frame.address < image.end:
            offset = frame.address - image.base
        module = "" if frame.image in NO_SYMBOLS else frame.image[:NAME_LIMIT]
        function = UNKNOWN if offset is None else f"+{offset:#x}"
    name = f"{module}.{function}" if module else function
    library = is_library("apple", name, None) or is_library("apple", frame.image, image.path if image else None)
    in_app = None if frame.image in NO_SYMBOLS and not frame.symbol else not library
    return StackFrame(function, module, frame.file, frame.line, in_app, inlined=frame.inlined)
