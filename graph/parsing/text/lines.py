"""Lines without their log prefix, lines above a position, and frames that several languages build the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

LINE_LIMIT = 8_192
"""Characters of a line that are read."""
PREFIX_LIMIT = 300
DIGITS = str.maketrans("123456789", "000000000")


class Lines:
    """A cursor over the lines of a text that removes ``prefix``, in which digits may differ from line to line.

    ``position`` is the start of the current line. Reads no further than ``limit``.
    """

    __slots__ = ("_after", "_line", "_read", "limit", "position", "prefix", "text")

    def __init__(self, text: str, position: int, prefix: str = "", limit: int | None = None) -> None:
        """Start at ``position``. A ``prefix`` longer than ``PREFIX_LIMIT`` counts as none."""
        self.text, self.position = text, position
        self.limit = len(text) if limit is None else limit
        self.prefix = prefix if len(prefix) <= PREFIX_LIMIT else ""
        self._line: str | None = None
        self._after = position
        self._read = -1

    @property
    def line(self) -> str | None:
        """The current line, up to ``LINE_LIMIT`` characters; ``None`` at the end and on a line without the prefix."""
        if self._read != self.position:
            self._load()
        return self._line

    @property
    def after(self) -> int:
        """Start of the next line."""
        if self._read != self.position:
            self._load()
        return self._after

    def skip(self) -> None:
        """Move to the next line."""
        self.position = self.after

    def peek(self) -> str | None:
        """The line after the current one."""
        return Lines(self.text, self.after, self.prefix, self.limit).line

    def skip_blank(self) -> None:
        """Move to the next line that is not blank."""
        while self.line is not None and not self.line.strip():
            self.skip()

    def _load(self) -> None:
        self._read = start = self.position
        if start >= self.limit:
            self._line, self._after = None, self.limit
            return
        end = self.text.find("\n", start, self.limit)
        stop, self._after = (self.limit, self.limit) if end < 0 else (end, end + 1)
        if stop > start and self.text[stop - 1] == "\r":
            stop -= 1
        self._line = _without_prefix(self.text[start : min(stop, start + LINE_LIMIT)], self.prefix)


def _without_prefix(line: str, prefix: str) -> str | None:
    if not prefix:
        return line
    size = len(prefix)
    if line.startswith(prefix) or line[:size].translate(DIGITS) == prefix.translate(DIGITS):
        return line[size:]
    short = prefix.rstrip()
    # Loggers trim trailing blanks of an empty line.
    return "" if line.rstrip().translate(DIGITS) in {"", short.translate(DIGITS)} else None


def line_start(text: str, position: int, floor: int = 0, longest: int = LINE_LIMIT) -> int:
    """Start of the line around ``position``, not before ``floor`` and at most ``longest`` characters back."""
    floor = max(floor, position - longest)
    return max(text.rfind("\n", floor, position) + 1, floor)


def lines_above(text: str, position: int, floor: int, most: int, longest: int = LINE_LIMIT) -> Iterator[tuple[int, str]]:
    """Start and text of up to ``most`` lines before ``position`` (a line start), nearest first, none before ``floor``.

    A line longer than ``longest`` comes in pieces.
    """
    for _ in range(most):
        if position <= floor:
            return
        start = line_start(text, position - 1, floor, longest)
        yield start, text[start : min(position, start + longest)].rstrip("\r\n")
        position = start


def lines_from(text: str, position: int, floor: int = 0) -> Lines:
    """A cursor on the line around ``position``. What precedes it there is a prefix if the next line has it too."""
    start = line_start(text, position, floor)
    prefix = text[start:position]
    lines = Lines(text, start, prefix)
    if prefix and (position - start > PREFIX_LIMIT or lines.peek() is None):
        lines = Lines(text, start)
    return lines


def next_line(text: str, position: int) -> int:
    """Start of the line after the one around ``position``, or the end of the text."""
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


@lru_cache(maxsize=16_384)
def is_library(platform: str, name: str, file: str | None) -> bool:
    """Whether the platform's rules class a frame as library or runtime code."""
    return frame_rules(platform).is_library(name, file)


def base_name(file: str) -> str:
    """The last part of a path."""
    return file.replace("\\", "/").rstrip("/").rpartition("/")[2]


def location_frame(file: str, line: int, *, in_app: bool | None = None) -> StackFrame:
    """The frame of a report with a file and line but no function: the file's name is used as the function."""
    return StackFrame(base_name(file)[:NAME_LIMIT], "", file[:NAME_LIMIT], line, in_app)


def is_location_frame(frame: StackFrame) -> bool:
    """Whether :func:`location_frame` built the frame."""
    return not frame.module and frame.file is not None and frame.function == base_name(frame.file)


def fold_repeats(frames: Iterable[StackFrame]) -> tuple[StackFrame, ...]:
    """The frames with equal neighbours (same function, module, file and line) counted in one."""
    folded: list[StackFrame] = []
    for frame in frames:
        last = folded[-1] if folded else None
        if last and (last.line, last.function, last.file, last.module) == (
            frame.line,
            frame.function,
            frame.file,
            frame.module,
        ):
            folded[-1] = replace(last, repeated=last.repeated + frame.repeated)
        else:
            folded.append(frame)
    return tuple(folded)
