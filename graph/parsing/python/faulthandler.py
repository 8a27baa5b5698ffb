"""Dumps of Python's ``faulthandler`` when the interpreter fails or hangs: the stacks of all threads."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.text.lines import fold_repeats
from graph.parsing.text.log.prefix import prefix_stripper
from graph.parsing.text.python_modules import module_and_in_app
from graph.rules import severity
from graph.rules.culprit import culprit

FIRST = "(most recent call first)"
FATAL = "Fatal Python error: "
FAILURE = re.compile(
    r"(?P<kind>Fatal Python error|Windows fatal exception): (?P<what>[^\n]*)|(?P<timeout>Timeout \([\d:.]{1,30}\)!)"
)
THREAD = re.compile(
    r"(?P<current>Current thread|Thread) (?P<id>0x[0-9a-fA-F]{1,16})(?: \[(?P<name>[^\]\n]{0,100})\])?"
    r" \(most recent call first\)"
    r"|Stack \(most recent call first\)"
)
FRAME = re.compile(r'\s*File "([^"\n]*)", line (\d{1,9}|\?{1,3}) in ([^\n]*)')
EXTENSIONS = re.compile(r"Extension modules: ([^\n]*)")
RAISED = re.compile(r"([A-Z][\w.]{0,120}(?:Error|Exception|Interrupt|Exit)): ?([^\n]*)")
FAILURE_DISTANCE = 4_000
FAILURE_LINES = 12


@dataclass(slots=True)
class DumpedThread:
    """The stack of one thread, innermost first."""

    current: bool
    id: str
    name: str
    frames: list[StackFrame] = field(default_factory=list)


def fault_reports(text: str) -> Iterator[ParsedReport]:
    """One report per failed interpreter; a dump made on request is no report."""
    floor = 0
    first = text.find(FIRST)
    while first >= 0:
        line = max(text.rfind("\n", floor, first) + 1, floor)
        failure = _failure_above(text, max(floor, line - FAILURE_DISTANCE), line)
        end, threads, extensions = _read_threads(text, line)
        if failure and threads:
            yield from _failures_without_stack(text, floor, failure.start())
            start = max(text.rfind("\n", floor, failure.start()) + 1, floor)
            yield _report(text, (start, end), failure, threads, extensions)
            floor = end
        first = text.find(FIRST, max(end, first + 1))
    yield from _failures_without_stack(text, floor, len(text))


def _failures_without_stack(text: str, floor: int, limit: int) -> Iterator[ParsedReport]:
    """Failures printed without a stack, between two positions."""
    position = text.find(FATAL, floor, limit)
    while position >= 0:
        start = max(text.rfind("\n", floor, position) + 1, floor)
        end = min(text.find("\n", position) + 1 or len(text), limit)
        failure = FAILURE.match(text, position, end)
        if failure:
            yield _report(text, (start, end), failure, [DumpedThread(current=True, id="", name="")], "")
        floor = end
        position = text.find(FATAL, end, limit)


def _failure_above(text: str, floor: int, line: int) -> re.Match[str] | None:
    """The failure: the nearest such line, at most a few lines above the first thread."""
    last = deque(FAILURE.finditer(text, floor, line), maxlen=1)
    match = last[0] if last else None
    if match and text.count("\n", match.end(), line) <= FAILURE_LINES:
        return match
    return None


def _read_threads(text: str, position: int) -> tuple[int, list[DumpedThread], str]:
    """The end of the dump, its threads in printed order, and the list of loaded extension modules."""
    threads: list[DumpedThread] = []
    extensions = ""
    end = position
    first = line_at(text, position, len(text))[0]
    thread_mark = THREAD.search(first)
    strip_prefix = prefix_stripper(first[: thread_mark.start()]) if thread_mark else prefix_stripper("")
    while position < len(text):
        line, after = line_at(text, position, len(text))
        content = (strip_prefix(line) or "").strip()
        thread, frame = THREAD.match(content), FRAME.match(content)
        modules = EXTENSIONS.match(content)
        if thread:
            threads.append(DumpedThread(thread["current"] == "Current thread", thread["id"] or "", thread["name"] or ""))
        elif frame and threads:
            threads[-1].frames.append(_parse_frame(frame))
        elif modules:
            extensions = modules[1]
        elif content and not (content.startswith(("<", "...", "Binary file", "Garbage-collecting")) or FIRST in content):
            break
        position = after
        end = after if content else end
        if modules:
            break
    return end, threads, extensions


def _parse_frame(match: re.Match[str]) -> StackFrame:
    file = match[1][:NAME_LIMIT]
    module, in_app = module_and_in_app(file)
    line = int(match[2]) if match[2].isdigit() else None
    return StackFrame(match[3].strip()[:NAME_LIMIT], module[:NAME_LIMIT], file, line, in_app)


def _report(
    text: str, span: tuple[int, int], failure: re.Match[str], threads: list[DumpedThread], extensions: str
) -> ParsedReport:
    error_type, message = _type_and_message(text, failure, span)
    # The failed thread is marked as current; of hanging threads, the main one is printed last.
    thread = next((thread for thread in threads if thread.current), threads[-1])
    frames = fold_repeats(thread.frames)
    extra = {
        "thread": thread.name or thread.id,
        "threads": str(len(threads)) if len(threads) > 1 else "",
        "extension_packages": ", ".join(sorted(_packages(extensions))),
    }
    fatal = failure["timeout"] is None
    return ParsedReport(
        format="python",
        error_type=error_type,
        message=message[:MESSAGE_LIMIT],
        frames=frames,
        culprit=culprit(frames, "python"),
        severity="critical" if fatal else severity.infer(error_type, message),
        extra={name: value[:NAME_LIMIT] for name, value in extra.items() if value},
        span=span,
    )


def _packages(extensions: str) -> set[str]:
    """Packages of a list of extension modules such as ``numpy.linalg.x, _cffi (total: 2)``."""
    return {module.strip().partition(".")[0] for module in extensions.partition("(total")[0].split(",")} - {""}


def _type_and_message(text: str, failure: re.Match[str], span: tuple[int, int]) -> tuple[str, str]:
    """Error type and message; an error during interpreter start-up may be printed below the first line."""
    if failure["timeout"]:
        return "Timeout", failure["timeout"]
    error_type, message = failure["what"].strip(), ""
    if len(error_type) > 60 or ":" in error_type or "_" in error_type:
        error_type, message = failure["kind"], error_type
    between = text[failure.end() : min(span[1], failure.end() + FAILURE_DISTANCE)]
    raised = RAISED.search(between[: max(between.find(FIRST), 0)])
    if raised:
        message = f"{message}\n{raised[0]}".strip()
    return error_type[:1].upper() + error_type[1:], message
