"""Read the stack of a goroutine: per frame a line for the function and one for its location; then its creator."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library

GOROUTINE = re.compile(r"goroutine (\d{1,20}) (?:[a-z]{1,4}=\S{1,40} ){0,6}\[([^\]\n]{0,200})\]:?")
# A location without indentation, as some paste it, is known by the ending of a source file.
PLACE = re.compile(
    r"(?:[ \t]++([^\n]{1,2000}?)|((?:/|[A-Za-z]:[\\/]|_cgo)[^\n]{0,2000}?\.(?:go|s|S|c|cc|cpp|cxx|h|m)))"
    r":(\d{1,9})(?: \+0x[0-9a-f]+)?(?: [a-z]{2}=\S++)*+\s*+$"
)
RUNTIME_NOTE = "runtime: "
CREATED = "created by "
ELIDED = re.compile(r"\.\.\.(?:additional|\d+) frames elided")


@dataclass(slots=True)
class Goroutine:
    """One goroutine with its wait ``state``; frames are innermost first; ``creator`` is the function that started it."""

    number: str = ""
    state: str = ""
    frames: tuple[StackFrame, ...] = ()
    creator: str = ""
    truncated: bool = field(default=False)


def split_name(name: str) -> tuple[str, str]:
    """Split a name such as ``example.org/shop/cart.(*Cart).Add`` into package and function."""
    stop = len(name)
    for mark in "([":
        at = name.find(mark)
        stop = at if 0 <= at < stop else stop
    dot = name.find(".", name.rfind("/", 0, stop) + 1)
    return (name[:dot], name[dot + 1 :]) if dot > 0 else ("", name)


def frame_of(name: str, file: str | None, line: int | None) -> StackFrame:
    """Build the frame of a function name as Go prints it, without arguments."""
    module, function = split_name(name[:NAME_LIMIT])
    in_app = None if not file and "." not in name else not is_library("go", name, file)
    return StackFrame(function, module, file[:NAME_LIMIT] if file else None, line, in_app)


def is_function(line: str) -> bool:
    """Whether a line is a function name with arguments."""
    return line.endswith(")") and "(" in line and line[:1] not in {" ", "\t", ""} and not line.startswith(CREATED)


def read_frames(lines: Lines, indent: str = "", *, arguments: bool = True) -> Goroutine:
    """Read the frames from the current line on, after ``indent``; stop at the first line that is not part of one."""
    goroutine, frames = Goroutine(), []
    while (line := lines.line) is not None and line.startswith(indent):
        body = line[len(indent) :].rstrip()
        if body.startswith(CREATED):
            goroutine.creator = body[len(CREATED) :].partition(" in goroutine ")[0].partition("(0x")[0]
            lines.skip()
            if lines.line is not None and PLACE.match(lines.line):
                lines.skip()
            break
        if ELIDED.match(body):
            lines.skip()
            continue
        if not is_function(body) and (arguments or not _is_bare(body, lines)):
            break
        name = body[: body.rfind("(")] if is_function(body) else body
        lines.skip()
        place = PLACE.match(lines.line) if lines.line is not None else None
        file = (place[1] or place[2]).strip() if place else None
        frames.append(frame_of(name, file, int(place[3]) if place else None))
        if place:
            lines.skip()
    goroutine.frames = fold_repeats(frames)
    goroutine.truncated = bool(frames) and frames[-1].file is None and lines.line is None
    return goroutine


def _is_bare(body: str, lines: Lines) -> bool:
    """Whether a line is a function without arguments, as error libraries print it; a location must follow."""
    following = lines.peek()
    place = PLACE.match(following) if following else None
    return bool(place) and "." in body and " " not in body and body[:1] not in {"\t", "/", ""}


def read_goroutines(lines: Lines) -> Goroutine:
    """Read all goroutines from the current line on and return the failing one.

    The runtime prints it first, but one without frames, or the scheduler's own (number 0), is passed over for the next.
    """
    failing = Goroutine()
    while (line := lines.line) is not None and (match := GOROUTINE.match(line)):
        number, state = match[1], match[2]
        lines.skip()
        if lines.line is not None and lines.line.lstrip().startswith("goroutine running on other thread"):
            lines.skip()
        goroutine = read_frames(lines)
        goroutine.number, goroutine.state = number, state
        while lines.line is not None and lines.line.startswith(RUNTIME_NOTE):
            lines.skip()
        if not failing.frames or (failing.number == "0" and goroutine.frames):
            failing = goroutine
        after = lines.position
        lines.skip_blank()
        if lines.line is None or not GOROUTINE.match(lines.line):
            lines.position = after
            break
    return failing
