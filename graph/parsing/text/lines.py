"""Lines without what a log puts before each of them, and the frames that several languages make in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

LINE_LIMIT = 8_192
"""Characters of a line that are looked at."""
PREFIX_LIMIT = 300
DIGITS = str.maketrans("123456789", "000000000")


class Lines:
    """Reads a text line by line from a place on, without ``prefix``, whose digits may differ from line to line.

    ``position`` is where the present line starts. Reads no further than ``limit``.
    """

    __slots__ = ("_after", "_line", "_read", "limit", "position", "prefix", "text")

    def __init__(self, text: str, position: int, prefix: str = "", limit: int | None = None) -> None:
        """``prefix`` stands before every line; what is longer than a prefix can be counts as none."""
        self.text, self.position = text, position
        self.limit = len(text) if limit is None else limit
        self.prefix = prefix if len(prefix) <= PREFIX_LIMIT else ""
        self._line: str | None = None
        self._after = position
        self._read = -1

    @property
    def line(self) -> str | None:
        """The present line, at most ``LINE_LIMIT`` characters of it; ``None`` at the end and where the prefix is missing."""
        if self._read != self.position:
            self._look()
        return self._line

    @property
    def after(self) -> int:
        """Where the next line starts."""
        if self._read != self.position:
            self._look()
        return self._after

    def skip(self) -> None:
        """Go to the next line."""
        self.position = self.after

    def following(self) -> str | None:
        """The line after the present one, which stays the present one."""
        return Lines(self.text, self.after, self.prefix, self.limit).line

    def skip_blank(self) -> None:
        """Go to the next line that says something."""
        while self.line is not None and not self.line.strip():
            self.skip()

    def _look(self) -> None:
        self._read = start = self.position
        if start >= self.limit:
            self._line, self._after = None, self.limit
            return
        end = self.text.find("\n", start, self.limit)
        stop, self._after = (self.limit, self.limit) if end < 0 else (end, end + 1)
        if stop > start and self.text[stop - 1] == "\r":
            stop -= 1
        self._line = _without(self.text[start : min(stop, start + LINE_LIMIT)], self.prefix)


def _without(line: str, prefix: str) -> str | None:
    if not prefix:
        return line
    size = len(prefix)
    if line.startswith(prefix) or line[:size].translate(DIGITS) == prefix.translate(DIGITS):
        return line[size:]
    short = prefix.rstrip()
    # Loggers cut the blanks at the end of an empty line.
    return "" if line.rstrip().translate(DIGITS) in {"", short.translate(DIGITS)} else None


def line_start(text: str, position: int, floor: int = 0) -> int:
    """Where the line begins in which ``position`` stands, not before ``floor`` nor farther away than a line is looked at."""
    floor = max(floor, position - LINE_LIMIT)
    return max(text.rfind("\n", floor, position) + 1, floor)


def prefixed(text: str, position: int, floor: int = 0) -> Lines:
    """The lines from that of ``position`` on. What stands before it there is a prefix where the next line has it too."""
    start = line_start(text, position, floor)
    prefix = text[start:position]
    lines = Lines(text, start, prefix)
    if prefix and (position - start > PREFIX_LIMIT or lines.following() is None):
        lines = Lines(text, start)
    return lines


def next_line(text: str, position: int) -> int:
    """Where the line after that of ``position`` starts; the end of the text after the last one."""
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


@lru_cache(maxsize=16_384)
def is_library(platform: str, name: str, file: str | None) -> bool:
    """Whether a frame is known to the platform's rules as library or runtime code."""
    return frame_rules(platform).is_library(name, file)


def base_name(file: str) -> str:
    """The last part of a path."""
    return file.replace("\\", "/").rstrip("/").rpartition("/")[2]


def place_frame(file: str, line: int, *, in_app: bool | None = None) -> StackFrame:
    """The frame of a report that tells a place but no function: the file stands in for it."""
    return StackFrame(base_name(file)[:NAME_LIMIT], "", file[:NAME_LIMIT], line, in_app)


def is_place(frame: StackFrame) -> bool:
    """Whether a frame is one that :func:`place_frame` made."""
    return not frame.module and frame.file is not None and frame.function == base_name(frame.file)


def folded(frames: Iterable[StackFrame]) -> tuple[StackFrame, ...]:
    """The frames, one that follows itself with the same function, file and line only once."""
    found: list[StackFrame] = []
    for frame in frames:
        last = found[-1] if found else None
        if last and (last.line, last.function, last.file, last.module) == (
            frame.line,
            frame.function,
            frame.file,
            frame.module,
        ):
            found[-1] = replace(last, repeated=last.repeated + frame.repeated)
        else:
            found.append(frame)
    return tuple(found)
