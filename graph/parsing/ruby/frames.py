"""One Ruby frame: ``file:line:in `method'``, with the quotes of old or new Ruby versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import base_name, fold_repeats, is_library

MARKS = (":in `", ":in '")
# The form of Sentry and other services, which print stacks of all languages like Python's.
FILE_SIGN = '", line '
FILE = re.compile(
    r'\s*File "([^"\n]{1,1000}\.(?:rb|erb|rake|ru|haml|slim|jbuilder|gemspec))", line (\d{1,9}), in ([^\n]{1,500})$'
)
ROOTS = ("/app/", "/lib/")
STANDARD = re.compile(r"^ruby/(?:(?:site_ruby|vendor_ruby|\d[\d.]*)/){0,3}")


@dataclass(frozen=True, slots=True)
class RubyLocation:
    """A frame's location within a line, with the text before and after it."""

    before: str
    file: str
    line: int
    label: str
    rest: str


def find_location(line: str) -> RubyLocation | None:
    """The first frame location in a line."""
    at, other = line.find(MARKS[0]), line.find(MARKS[1])
    if at < 0 and other < 0:
        return _file_location(line) if FILE_SIGN in line else None
    at = min(at, other) if at >= 0 and other >= 0 else max(at, other)
    colon = line.rfind(":", 0, at)
    number = line[colon + 1 : at]
    end = line.find("'", at + len(MARKS[0]))
    if colon < 1 or end < 0 or not (number.isascii() and number.isdigit()) or len(number) > 9:
        return None
    mark = line.rfind("from ", 0, colon)
    begin = mark + len("from ") if mark >= 0 else max(line.rfind(" ", 0, colon), line.rfind("\t", 0, colon)) + 1
    file = line[begin:colon]
    label = line[at + len(MARKS[0]) : end]
    if not file or not label or len(label) > NAME_LIMIT:
        return None
    return RubyLocation(line[:begin], file[:NAME_LIMIT], int(number), label, line[end + 1 :])


def _file_location(line: str) -> RubyLocation | None:
    match = FILE.match(line)
    return RubyLocation("", match[1][:NAME_LIMIT], int(match[2]), match[3].strip(), "") if match else None


def module_of(file: str) -> str:
    """The name under which a file is required: ``/srv/shop/app/models/cart.rb`` is ``models/cart``."""
    path = file.replace("\\", "/").removesuffix(">").removesuffix(".rb")
    if file.startswith("<"):
        return base_name(path).removeprefix("<internal:")
    if path.startswith(("app/", "lib/")):
        return path[4:]
    cut = max(path.rfind(root) for root in ROOTS)
    own = path[cut + 5 :] if cut >= 0 and "/gems/" not in path[cut:] else base_name(path)
    return STANDARD.sub("", own)


def build_frame(location: RubyLocation) -> StackFrame:
    """The frame of a location. Its module is empty if the label names a class, as in newer versions; else from the file."""
    named = "#" in location.label or "." in location.label or "::" in location.label
    module = "" if named else module_of(location.file)
    name = f"{module}.{location.label}" if module else location.label
    in_app = not is_library("ruby", name, location.file)
    return StackFrame(location.label, module, location.file, location.line, in_app)


def stack_frames(locations: Sequence[RubyLocation], elided: Sequence[tuple[int, int]] = ()) -> tuple[StackFrame, ...]:
    """The frames, innermost first. ``elided``: pairs of a frame count and the number of frames left out after it."""
    frames = [build_frame(location) for location in locations]
    for index, frame in enumerate(frames[:-1]):
        caller = frames[index + 1]
        same = (frame.file, frame.line) == (caller.file, caller.line) and frame.function != caller.function
        # A method written in C has no location and is printed with its caller's.
        if same and " in " not in frame.function and not frame.function.startswith("<"):
            frames[index] = replace(frame, in_app=False)
    for behind, count in elided:
        if 0 < behind <= len(frames):
            frames[behind - 1] = replace(frames[behind - 1], repeated=frames[behind - 1].repeated + count)
    return fold_repeats(frames)
