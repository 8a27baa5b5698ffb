"""The problem of a µReport by its type: error type, message and frames in the spelling of the platform."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.native.faults import signal_name
from graph.parsing.native.folding import fold_native_frames
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.json_fields import JsonObject, line_number_field, text_field
from graph.parsing.text.python_modules import module_and_in_app
from graph.rules import frame_rules

ReadLog = Callable[[str], Iterable[ParsedReport]]

FRAME_LIMIT = 100_000
LOG_LIMIT = 1 << 20
HANDLER = "<signal handler called>"
# Finds the signal in the reason of a crash without a signal field.
SIGNALLED = re.compile(r"\b(?:by|signal) (?:signal )?(SIG[A-Z]{2,6}|\d{1,2})\b")
RUBY_BLOCK = "block in "
UNKNOWN = "<unknown>"


@dataclass(frozen=True, slots=True)
class Problem:
    """The problem; ``faulting_frames`` start where the signal was raised, ``platform`` selects the culprit rules."""

    error_type: str
    message: str
    frames: tuple[StackFrame, ...]
    platform: str
    faulting_frames: tuple[StackFrame, ...] = ()
    causes: tuple[Cause, ...] = ()
    component: str = ""
    executable: str = ""
    kernel: str = ""


def problem_of(content: JsonObject, read_kernel_log: ReadLog) -> Problem | None:
    """Read the problem of a µReport; ``None`` if the document has none."""
    inner = content.get("problem")
    body: JsonObject = inner if isinstance(inner, dict) else content
    kind = text_at(body, "type").lower()
    if kind in KERNEL_TYPES:
        problem = _kernel(content, body, read_kernel_log)
    elif kind in READERS:
        problem = READERS[kind](content, body)
    else:
        return None
    return replace(
        problem,
        component=text_at(body, "component"),
        executable=text_at(body, "executable"),
        kernel=text_at(body, "version") if kind == "kerneloops" else "",
    )


def text_at(content: JsonObject, name: str) -> str:
    """Return a string or number as text; empty for any other type."""
    return text_field(content, name, MESSAGE_LIMIT)


def objects(value: object) -> list[JsonObject]:
    """Return the objects in a list; empty for any other type."""
    return [item for item in value[:FRAME_LIMIT] if isinstance(item, dict)] if isinstance(value, list) else []


def _core(content: JsonObject, body: JsonObject) -> Problem:
    reason = text_at(content, "reason")
    signal = body.get("signal")
    match = SIGNALLED.search(reason)
    name = signal_name(signal) if isinstance(signal, int) else match[1] if match else ""
    name = signal_name(int(name)) if name.isascii() and name.isdigit() else name
    frames = _native(_core_frames(body))
    at = max((index for index, frame in enumerate(frames) if frame.function == HANDLER), default=-1)
    return Problem(name or "Crash", reason, fold_native_frames(frames), "native", fold_native_frames(frames[at + 1 :]))


def _core_frames(body: JsonObject) -> list[JsonObject]:
    """Frames of the crashed thread. Version 1 lists the frames of all threads in one array."""
    threads = objects(body.get("stacktrace"))
    if threads:
        thread = next((item for item in threads if item.get("crash_thread") is True), threads[0])
        return objects(thread.get("frames"))
    rows = objects(body.get("core_backtrace"))
    crashed = body.get("crash_thread", 0)
    return [item for item in rows if item.get("thread", crashed) == crashed] or rows


def _native(frames: Iterable[JsonObject]) -> list[StackFrame]:
    return [_native_frame(frame) for frame in frames]


def _native_frame(frame: JsonObject) -> StackFrame:
    symbol = text_at(frame, "function_name") or text_at(frame, "funcname")
    library = text_at(frame, "file_name") or text_at(frame, "path")
    offset = frame.get("build_id_offset", frame.get("offset"))
    symbol = "" if symbol == "??" else symbol
    if symbol == HANDLER:
        return StackFrame(HANDLER, in_app=False)
    return frame_of(symbol, "", library, f"0x{offset:x}" if isinstance(offset, int) and offset >= 0 else "")


def _python(content: JsonObject, body: JsonObject) -> Problem:
    frames = objects(body.get("stacktrace"))
    if not frames:
        # Version 1 lists the outermost frame first.
        frames = list(reversed(objects(body.get("core_backtrace"))))
    stack = fold_native_frames(map(_python_frame, frames))
    error_type = text_at(body, "exception_name") or _first_word(text_at(content, "reason"))
    return Problem(error_type or "Exception", _message(content, error_type), stack, "python")


def _python_frame(frame: JsonObject) -> StackFrame:
    file = (text_at(frame, "file_name") or text_at(frame, "path") or text_at(frame, "special_file"))[:NAME_LIMIT]
    function = text_at(frame, "function_name") or text_at(frame, "funcname")
    special = text_at(frame, "special_function")
    module, in_app = module_and_in_app(file) if file else ("", None)
    name = function or (f"<{special.strip('<>')}>" if special else UNKNOWN)
    return StackFrame(name[:NAME_LIMIT], module[:NAME_LIMIT], file or None, line_number_field(frame, "file_line"), in_app)


def _ruby(content: JsonObject, body: JsonObject) -> Problem:
    stack = fold_native_frames(map(_ruby_frame, objects(body.get("stacktrace"))))
    error_type = text_at(body, "exception_name") or _first_word(text_at(content, "reason"))
    return Problem(error_type or "Exception", _message(content, error_type), stack, "ruby")


def _ruby_frame(frame: JsonObject) -> StackFrame:
    file = text_at(frame, "file_name")[:NAME_LIMIT] or None
    special = text_at(frame, "special_function")
    name = text_at(frame, "function_name") or (f"<{special}>" if special else UNKNOWN)
    level = frame.get("block_level")
    if isinstance(level, int) and level > 0:
        name = f"{RUBY_BLOCK}{name}"
    known = frame_rules("ruby").is_library(name, file)
    return StackFrame(name[:NAME_LIMIT], "", file, line_number_field(frame, "file_line"), False if known else None)


def _java(content: JsonObject, body: JsonObject) -> Problem:
    threads = objects(body.get("threads")) or objects(body.get("stacktrace"))
    raised = next(
        (thread for thread in threads if any(map(_is_exception, objects(thread.get("frames"))))), threads[0] if threads else {}
    )
    parts = list(_exceptions(objects(raised.get("frames"))))
    if not parts:
        return Problem(_first_word(text_at(content, "reason")) or "Exception", text_at(content, "reason"), (), "java")
    # Frames are innermost first, so the root cause comes first and the exception that was not caught last.
    name, message, frames = parts[-1]
    causes = tuple(Cause("cause", *part) for part in reversed(parts[:-1]))
    return Problem(name or "Exception", message or ("" if name else text_at(content, "reason")), frames, "java", causes=causes)


def _exceptions(frames: list[JsonObject]) -> Iterator[tuple[str, str, tuple[StackFrame, ...]]]:
    """Yield name, message and frames of each exception in a thread."""
    name = message = ""
    pending: list[StackFrame] = []
    for frame in frames:
        if _is_exception(frame):
            if name or pending:
                yield name, message, fold_native_frames(pending)
            name, message, pending = text_at(frame, "name"), text_at(frame, "message"), []
        else:
            pending.append(_java_frame(frame))
    if name or pending:
        yield name, message, fold_native_frames(pending)


def _is_exception(frame: JsonObject) -> bool:
    return frame.get("is_exception") is True


def _java_frame(frame: JsonObject) -> StackFrame:
    module, _, function = text_at(frame, "name").rpartition(".")
    file = text_at(frame, "file_name")[:NAME_LIMIT] or None
    name = f"{module}.{function}" if module else function
    known = frame_rules("java").is_library(name, file)
    return StackFrame(
        function[:NAME_LIMIT] or UNKNOWN,
        module[:NAME_LIMIT],
        file,
        line_number_field(frame, "file_line"),
        False if known else None,
    )


def _kernel(content: JsonObject, body: JsonObject, read_kernel_log: ReadLog) -> Problem:
    """Combine the listed frames with the error found in the embedded log."""
    frames = fold_native_frames(
        StackFrame((text_at(frame, "function_name") or UNKNOWN)[:NAME_LIMIT])
        for frame in objects(body.get("frames"))
        if frame.get("reliable") is not False
    )
    reason = text_at(content, "reason")
    log = body.get("raw_oops")
    oops = next(iter(read_kernel_log(log[:LOG_LIMIT])), None) if isinstance(log, str) else None
    if oops is None:
        return Problem(_first_word(reason) or "Oops", reason, frames, "kernel")
    # The log names the function at fault; the listed frames of a warning start with the code that prints it.
    frames = frames or oops.frames
    function = oops.culprit.function if oops.culprit else ""
    at = next((place for place, frame in enumerate(frames) if frame.function == function), 0)
    return Problem(oops.error_type, oops.message or reason, frames, "kernel", frames[at:])


def _message(content: JsonObject, error_type: str) -> str:
    """The reason, unless it repeats the exception name."""
    reason = text_at(content, "reason")
    return "" if reason == error_type else reason


def _first_word(reason: str) -> str:
    """Name of the exception in a reason such as ``x.py:3:f:TypeError: …`` or ``TypeError in x.py:3``."""
    for word in reason.replace(":", " ").split()[:12]:
        if word[:1].isalpha() and word.endswith(("Error", "Exception", "Interrupt", "Exit", "Warning")):
            return word
    return ""


KERNEL_TYPES = frozenset({"kerneloops", "koops"})
READERS = {
    "core": _core,
    "userspace": _core,
    "ccpp": _core,
    "python": _python,
    "python3": _python,
    "ruby": _ruby,
    "java": _java,
}
