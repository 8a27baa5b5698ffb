"""Locate frames without a symbol in the images of an event (``debug_meta``): module and offset, whatever the load address."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.parsing.sentry.shape import Event, mapping, text, values

IMAGES_LIMIT = 20_000
UNSIZED = 1 << 28
"""Assumed size of an image without one."""
RELATIVE = "rel:"
NAMELESS = frozenset({"", "?", "??", "???", "<unknown>", "<redacted>", "unknown", "null", "-"})


@dataclass(frozen=True, slots=True)
class Image:
    """A program or library: its load address, size in bytes, and file."""

    start: int
    size: int
    file: str


def with_locations(event: Event) -> Event:
    """The event with ``package`` and ``image_addr`` added to frames that have an address but no function."""
    listed = values(mapping(event.get("debug_meta")).get("images"))[:IMAGES_LIMIT]
    if not listed:
        return event
    images = _Images(listed)
    located = dict(event)
    for name in ("exception", "threads"):
        if event.get(name):
            located[name] = {"values": [images.locate_stack(entry) for entry in values(event[name])]}
    return images.locate_stack(located)


def is_nameless(function: str) -> bool:
    """Whether a function is a placeholder, or only repeats an address."""
    return function in NAMELESS or (function.startswith("0x") and number_of(function) is not None)


def number_of(content: object) -> int | None:
    """A non-negative number, also from a hexadecimal or decimal string; ``None`` for anything else."""
    digits = text(content)[:20]
    try:
        number = int(digits, 16 if digits.lower().startswith("0x") else 10)
    except ValueError:
        return None
    return number if number >= 0 else None


class _Images:
    """The images of an event, by position and by address."""

    def __init__(self, listed: Sequence[Event]) -> None:
        self.listed = [_image(entry) for entry in listed]
        self.loaded = sorted((image for image in self.listed if image is not None), key=lambda image: image.start)
        self.starts = [image.start for image in self.loaded]

    def locate_stack(self, entry: Event) -> dict[str, Any]:
        """An exception, thread or event with the frames of its stack located."""
        stack = mapping(entry.get("stacktrace"))
        if not stack:
            return dict(entry)
        return {**entry, "stacktrace": {**stack, "frames": [self._located(frame) for frame in values(stack.get("frames"))]}}

    def _located(self, frame: Event) -> Event:
        address = number_of(frame.get("instruction_addr"))
        if address is None or not is_nameless(text(frame.get("function"))):
            return frame
        mode = text(frame.get("addr_mode"))
        if mode.startswith(RELATIVE):
            number = number_of(mode.removeprefix(RELATIVE))
            image = self.listed[number] if number is not None and number < len(self.listed) else None
            return _placed(frame, image.file, 0) if image else frame
        if number_of(frame.get("image_addr")) is not None:
            return frame
        place = bisect_right(self.starts, address) - 1
        image = self.loaded[place] if place >= 0 else None
        return _placed(frame, image.file, image.start) if image and address < image.start + image.size else frame


def _image(entry: Mapping[str, Any]) -> Image | None:
    start = number_of(entry.get("image_addr"))
    if start is None:
        return None
    file = text(entry.get("code_file")) or text(entry.get("name")) or text(entry.get("debug_file"))
    return Image(start, number_of(entry.get("image_size")) or UNSIZED, file)


def _placed(frame: Event, file: str, start: int) -> Event:
    return {**frame, "package": text(frame.get("package")) or file, "image_addr": hex(start)}
