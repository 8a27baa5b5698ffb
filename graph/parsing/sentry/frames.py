"""Frames of a Sentry event in the spelling of the platform's own reports, so that a fault groups with either source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.native.names import function_of
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.sentry.images import is_nameless, number_of
from graph.parsing.sentry.shape import Event, mapping, text, values, whole
from graph.parsing.text.python_modules import module_and_in_app
from graph.rules import frame_rules

PLATFORMS = {
    "python": "python",
    "javascript": "javascript",
    "node": "javascript",
    "java": "java",
    "csharp": "dotnet",
    "ruby": "ruby",
    "php": "php",
    "go": "go",
    "rust": "rust",
    "dart": "dart",
    **dict.fromkeys(("native", "cocoa", "objc", "c", "swift"), "native"),
}
"""Rule set for each platform of Sentry."""
QUALIFIED_PLATFORMS = frozenset({"java", "python", "dotnet", "go"})
"""Platforms that put the module or class before the function."""
FRAMES_LIMIT = 100_000
UNKNOWN = "<unknown>"
ANONYMOUS = "<anonymous>"


def platform_of(stated: str, frames: list[Event]) -> str:
    """Platform for the rules: that of the event, else that of its innermost frames."""
    names = [stated, *(text(frame.get("platform")) for frame in frames[-3:])]
    return next((PLATFORMS[name.lower()] for name in names if name.lower() in PLATFORMS), "")


def frames_of(stacktrace: object, platform: str) -> tuple[StackFrame, ...]:
    """The frames, innermost first; an event lists the innermost last."""
    entries = values(mapping(stacktrace).get("frames"))
    return tuple(_folded(_frame(entry, platform) for entry in reversed(entries[-FRAMES_LIMIT:])))


def _folded(frames: Iterator[StackFrame]) -> Iterator[StackFrame]:
    """Fold consecutive equal frames into one, with their number in ``repeated``."""
    last: StackFrame | None = None
    for frame in frames:
        if last is not None and replace(last, repeated=1) == frame:
            last = replace(last, repeated=last.repeated + 1)
            continue
        if last is not None:
            yield last
        last = frame
    if last is not None:
        yield last


def _frame(entry: Event, platform: str) -> StackFrame:
    platform = PLATFORMS.get(text(entry.get("platform")).lower(), platform)
    file = (text(entry.get("abs_path")) or text(entry.get("filename")))[:NAME_LIMIT] or None
    module, function = _names(entry, platform, file)
    module, function = module[:NAME_LIMIT], function[:NAME_LIMIT]
    line = whole(entry.get("lineno")) or None
    frame = StackFrame(function, module, file, line)
    return replace(frame, in_app=_in_app(entry, platform, frame.qualified, file))


def _names(entry: Event, platform: str, file: str | None) -> tuple[str, str]:
    module, function = text(entry.get("module")), text(entry.get("function")) or text(entry.get("raw_function"))
    if platform == "python":
        # A traceback contains only the file, so the module is derived from it here as well.
        return (module_and_in_app(file)[0] if file else module), function or UNKNOWN
    if platform == "javascript":
        return "", (function.removesuffix("?") + ANONYMOUS if function.endswith("?") else function) or ANONYMOUS
    if platform in QUALIFIED_PLATFORMS:
        return module, function or UNKNOWN
    if is_nameless(function):
        return _library(entry), _offset(entry)
    return ("", function_of(function)) if platform == "native" else ("", function)


def _library(entry: Event) -> str:
    package = text(entry.get("package")) or text(entry.get("module"))
    return package.replace("\\", "/").rpartition("/")[2]


def _offset(entry: Event) -> str:
    """Offset in the library of a frame without a name; ``<unknown>`` if it is missing."""
    address, image = number_of(entry.get("instruction_addr")), number_of(entry.get("image_addr"))
    if address is None:
        return UNKNOWN
    return f"+{hex(address - image)}" if image is not None and address >= image else hex(address)


def _in_app(entry: Event, platform: str, name: str, file: str | None) -> bool | None:
    """``False`` for library code by the rules, else the sender's own flag."""
    rules = frame_rules(platform)
    if rules.is_library(name, file) or (platform == "python" and file and module_and_in_app(file)[1] is False):
        return False
    if platform == "native" and rules.is_library(name, text(entry.get("package"))):
        return False
    stated = entry.get("in_app")
    return stated if isinstance(stated, bool) else None
