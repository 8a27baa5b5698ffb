"""The problem in a µReport, by its kind: error type, message and frames as that platform spells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graph.model.report import Cause, StackFrame
from graph.parsing.kernel.parser import KernelParser
from graph.parsing.native.faults import signal_name
from graph.parsing.native.folding import folded
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.python_modules import module_and_in_app
from graph.rules import frame_rules

Object = Mapping[str, object]

FRAME_LIMIT = 100_000
HANDLER = "<signal handler called>"
# What the reason of a crash says where there is no signal of its own.
SIGNALLED = re.compile(r"\b(?:by|signal) (?:signal )?(SIG[A-Z]{2,6}|\d{1,2})\b")
RUBY_BLOCK = "block in "
UNKNOWN = "<unknown>"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem. ``struck`` are the frames from where a signal struck; ``platform`` names the rules for the culprit."""

    error_type: str
    message: str
    frames: tuple[StackFrame, ...]
    platform: str
    struck: tuple[StackFrame, ...] = ()
    causes: tuple[Cause, ...] = ()
    component: str = ""
    executable: str = ""
    kernel: str = ""


def problem_of(content: Object) -> Problem | None:
    """The problem that a µReport tells of; ``None`` for a document that is none."""
    inner = content.get("problem")
    body: Object = inner if isinstance(inner, dict) else content
    kind = text_at(body, "type").lower()
    reader = READERS.get(kind)
    if reader is None:
        return None
    problem = reader(content, body)
    return replace(
        problem,
        component=text_at(body, "component"),
        executable=text_at(body, "executable"),
        kernel=text_at(body, "version") if kind == "kerneloops" else "",
    )


def text_at(content: Object, name: str) -> str:
    """A value as text; nothing for what is neither text nor number."""
    value = content.get(name)
    if isinstance(value, str):
        return value[:MESSAGE_LIMIT].strip()
    return str(value)[:NAME_LIMIT] if isinstance(value, int | float) and not isinstance(value, bool) else ""


def objects(value: object) -> list[Object]:
    """The objects of a list; nothing for what is no list."""
    return [one for one in value[:FRAME_LIMIT] if isinstance(one, dict)] if isinstance(value, list) else []


def _core(content: Object, body: Object) -> Problem:
    reason = text_at(content, "reason")
    signal = body.get("signal")
    found = SIGNALLED.search(reason)
    name = signal_name(signal) if isinstance(signal, int) else found[1] if found else ""
    name = signal_name(int(name)) if name.isascii() and name.isdigit() else name
    listed = _native(_core_frames(body))
    at = max((index for index, frame in enumerate(listed) if frame.function == HANDLER), default=-1)
    return Problem(name or "Crash", reason, folded(listed), "native", folded(listed[at + 1 :]))


def _core_frames(body: Object) -> list[Object]:
    """The frames of the thread that crashed. The first version lists the frames of all threads in one row."""
    threads = objects(body.get("stacktrace"))
    if threads:
        chosen = next((one for one in threads if one.get("crash_thread") is True), threads[0])
        return objects(chosen.get("frames"))
    rows = objects(body.get("core_backtrace"))
    crashed = body.get("crash_thread", 0)
    return [one for one in rows if one.get("thread", crashed) == crashed] or rows


def _native(frames: Iterable[Object]) -> list[StackFrame]:
    return [_native_frame(one) for one in frames]


def _native_frame(one: Object) -> StackFrame:
    symbol = text_at(one, "function_name") or text_at(one, "funcname")
    library = text_at(one, "file_name") or text_at(one, "path")
    offset = one.get("build_id_offset", one.get("offset"))
    symbol = "" if symbol == "??" else symbol
    if symbol == HANDLER:
        return StackFrame(HANDLER, in_app=False)
    return frame_of(symbol, "", library, f"0x{offset:x}" if isinstance(offset, int) and offset >= 0 else "")


def _python(content: Object, body: Object) -> Problem:
    frames = objects(body.get("stacktrace"))
    if not frames:
        # The first version lists them outermost first.
        frames = list(reversed(objects(body.get("core_backtrace"))))
    found = folded(map(_python_frame, frames))
    error_type = text_at(body, "exception_name") or _first_word(text_at(content, "reason"))
    return Problem(error_type or "Exception", _message(content, error_type), found, "python")


def _python_frame(one: Object) -> StackFrame:
    file = (text_at(one, "file_name") or text_at(one, "path") or text_at(one, "special_file"))[:NAME_LIMIT]
    function = text_at(one, "function_name") or text_at(one, "funcname")
    special = text_at(one, "special_function")
    module, in_app = module_and_in_app(file) if file else ("", None)
    name = function or (f"<{special.strip('<>')}>" if special else UNKNOWN)
    return StackFrame(name[:NAME_LIMIT], module[:NAME_LIMIT], file or None, _line(one), in_app)


def _ruby(content: Object, body: Object) -> Problem:
    found = folded(map(_ruby_frame, objects(body.get("stacktrace"))))
    error_type = text_at(body, "exception_name") or _first_word(text_at(content, "reason"))
    return Problem(error_type or "Exception", _message(content, error_type), found, "ruby")


def _ruby_frame(one: Object) -> StackFrame:
    file = text_at(one, "file_name")[:NAME_LIMIT] or None
    special = text_at(one, "special_function")
    name = text_at(one, "function_name") or (f"<{special}>" if special else UNKNOWN)
    level = one.get("block_level")
    if isinstance(level, int) and level > 0:
        name = f"{RUBY_BLOCK}{name}"
    known = frame_rules("ruby").is_library(name, file)
    return StackFrame(name[:NAME_LIMIT], "", file, _line(one), False if known else None)


def _java(content: Object, body: Object) -> Problem:
    threads = objects(body.get("threads")) or objects(body.get("stacktrace"))
    raised = next(
        (one for one in threads if any(map(_is_exception, objects(one.get("frames"))))), threads[0] if threads else {}
    )
    parts = list(_thrown(objects(raised.get("frames"))))
    if not parts:
        return Problem(_first_word(text_at(content, "reason")) or "Exception", text_at(content, "reason"), (), "java")
    # The innermost frames come first, so of a chain the first cause does, and what was thrown at last comes at the end.
    name, message, frames = parts[-1]
    causes = tuple(Cause("cause", *part) for part in reversed(parts[:-1]))
    return Problem(name or "Exception", message or ("" if name else text_at(content, "reason")), frames, "java", causes=causes)


def _thrown(frames: list[Object]) -> Iterator[tuple[str, str, tuple[StackFrame, ...]]]:
    """Each exception of a thread with its message and the frames behind it."""
    name = message = ""
    begun: list[StackFrame] = []
    for one in frames:
        if _is_exception(one):
            if name or begun:
                yield name, message, folded(begun)
            name, message, begun = text_at(one, "name"), text_at(one, "message"), []
        else:
            begun.append(_java_frame(one))
    if name or begun:
        yield name, message, folded(begun)


def _is_exception(one: Object) -> bool:
    return one.get("is_exception") is True


def _java_frame(one: Object) -> StackFrame:
    module, _, function = text_at(one, "name").rpartition(".")
    file = text_at(one, "file_name")[:NAME_LIMIT] or None
    name = f"{module}.{function}" if module else function
    known = frame_rules("java").is_library(name, file)
    return StackFrame(function[:NAME_LIMIT] or UNKNOWN, module[:NAME_LIMIT], file, _line(one), False if known else None)


def _kernel(content: Object, body: Object) -> Problem:
    """The frames as listed; what went wrong stands in the log that is kept with them."""
    frames = folded(
        StackFrame((text_at(one, "function_name") or UNKNOWN)[:NAME_LIMIT])
        for one in objects(body.get("frames"))
        if one.get("reliable") is not False
    )
    reason = text_at(content, "reason")
    log = body.get("raw_oops")
    told = next(iter(KernelParser().parse(log[: 1 << 20])), None) if isinstance(log, str) else None
    if told is None:
        return Problem(_first_word(reason) or "Oops", reason, frames, "kernel")
    # The log names the place itself; the listed frames of a warning begin with how it was told.
    frames = frames or told.frames
    named = told.culprit.function if told.culprit else ""
    at = next((place for place, frame in enumerate(frames) if frame.function == named), 0)
    return Problem(told.error_type, told.message or reason, frames, "kernel", frames[at:])


def _message(content: Object, error_type: str) -> str:
    """What the reason says beside the exception's name; it often says only that."""
    reason = text_at(content, "reason")
    return "" if reason == error_type else reason


def _first_word(reason: str) -> str:
    """The exception in a reason such as ``x.py:3:f:TypeError: …`` or ``TypeError in x.py:3``."""
    for word in reason.replace(":", " ").split()[:12]:
        if word[:1].isalpha() and word.endswith(("Error", "Exception", "Interrupt", "Exit", "Warning")):
            return word
    return ""


def _line(one: Object) -> int | None:
    value = one.get("file_line")
    return value if isinstance(value, int) and 0 < value < 10_000_000 else None


READERS = {
    "core": _core,
    "userspace": _core,
    "ccpp": _core,
    "python": _python,
    "python3": _python,
    "ruby": _ruby,
    "java": _java,
    "kerneloops": _kernel,
    "koops": _kernel,
}
