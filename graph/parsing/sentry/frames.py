"""Frames of a Sentry event, spelled as the reports of their own platform spell them, so that a fault is known by either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.native.names import function_of
from graph.parsing.protocol import NAME_LIMIT
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
    **dict.fromkeys(("native", "cocoa", "objc", "c", "swift"), "native"),
}
"""Whose rules speak about the frames of a platform of Sentry."""
DOTTED = frozenset({"java", "python", "dotnet", "go"})
"""Platforms whose reports put the module or class before the function."""
FRAMES_LIMIT = 100_000
UNKNOWN = "<unknown>"
ANONYMOUS = "<anonymous>"


def platform_of(told: str, frames: list[Event]) -> str:
    """The platform for the rules: what the event says, else what its frames say."""
    named = [told, *(text(frame.get("platform")) for frame in frames[-3:])]
    return next((PLATFORMS[name.lower()] for name in named if name.lower() in PLATFORMS), "")


def frames_of(stacktrace: object, platform: str) -> tuple[StackFrame, ...]:
    """The frames, innermost first: in an event the innermost stands last."""
    listed = values(mapping(stacktrace).get("frames"))
    return tuple(_folded(_frame(one, platform) for one in reversed(listed[-FRAMES_LIMIT:])))


def _folded(frames: Iterator[StackFrame]) -> Iterator[StackFrame]:
    """Frames of which the same follow each other once, with their number."""
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


def _frame(one: Event, platform: str) -> StackFrame:
    platform = PLATFORMS.get(text(one.get("platform")).lower(), platform)
    file = (text(one.get("abs_path")) or text(one.get("filename")))[:NAME_LIMIT] or None
    module, function = _names(one, platform, file)
    module, function = module[:NAME_LIMIT], function[:NAME_LIMIT]
    line = whole(one.get("lineno")) or None
    frame = StackFrame(function, module, file, line)
    return replace(frame, in_app=_in_app(one, platform, frame.qualified, file))


def _names(one: Event, platform: str, file: str | None) -> tuple[str, str]:
    module, function = text(one.get("module")), text(one.get("function")) or text(one.get("raw_function"))
    if platform == "python":
        # A traceback names the file alone, so the module is read from it there and here.
        return (module_and_in_app(file)[0] if file else module), function or UNKNOWN
    if platform == "javascript":
        return "", (function.removesuffix("?") + ANONYMOUS if function.endswith("?") else function) or ANONYMOUS
    if platform in DOTTED:
        return module, function or UNKNOWN
    if not function:
        return _library(one), _offset(one)
    return ("", function_of(function)) if platform == "native" else ("", function)


def _library(one: Event) -> str:
    package = text(one.get("package")) or text(one.get("module"))
    return package.replace("\\", "/").rpartition("/")[2]


def _offset(one: Event) -> str:
    """Where in its library a frame without a name is; ``<unknown>`` when that is not told."""
    address, image = _number(one, "instruction_addr"), _number(one, "image_addr")
    if address is None:
        return UNKNOWN
    return f"+{hex(address - image)}" if image is not None and address >= image else hex(address)


def _number(one: Mapping[str, object], name: str) -> int | None:
    told = text(one.get(name))[:20]
    try:
        return int(told, 16 if told.lower().startswith("0x") else 10)
    except ValueError:
        return None


def _in_app(one: Event, platform: str, name: str, file: str | None) -> bool | None:
    """As the rules say where they know the frame as library code, else as the sender says."""
    if frame_rules(platform).is_library(name, file) or (platform == "python" and file and module_and_in_app(file)[1] is False):
        return False
    told = one.get("in_app")
    return told if isinstance(told, bool) else None
