"""What Python's ``faulthandler`` prints when the interpreter itself fails, or hangs: the stacks of all threads."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.java.lines import bodies
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.python.modules import place
from graph.parsing.python.trace import folded
from graph.rules import severity
from graph.rules.culprit import culprit

FIRST = "(most recent call first)"
FATAL = "Fatal Python error: "
HEADS = re.compile(
    r"(?P<kind>Fatal Python error|Windows fatal exception): (?P<what>[^\n]*)|(?P<timeout>Timeout \([\d:.]{1,30}\)!)"
)
THREAD = re.compile(
    r"(?P<current>Current thread|Thread) (?P<id>0x[0-9a-fA-F]{1,16})(?: \[(?P<name>[^\]\n]{0,100})\])?"
    r" \(most recent call first\)"
    r"|Stack \(most recent call first\)"
)
FRAME = re.compile(r'\s*File "([^"\n]*)", line (\d{1,9}|\?{1,3}) in ([^\n]*)')
EXTENSIONS = re.compile(r"Extension modules: ([^\n]*)")
RAISED = re.compile(r"([A-Z][\w.]*(?:Error|Exception|Interrupt|Exit)): ?([^\n]*)")
HEAD_DISTANCE = 4_000
HEAD_LINES = 12


@dataclass(slots=True)
class Thread:
    """One thread's stack, innermost first."""

    current: bool
    id: str
    name: str
    frames: list[StackFrame] = field(default_factory=list)


def faults(text: str) -> Iterator[ParsedReport]:
    """A report for each failure of an interpreter; threads that were only asked for tell of none."""
    floor = 0
    first = text.find(FIRST)
    while first >= 0:
        line = max(text.rfind("\n", floor, first) + 1, floor)
        head = _head(text, max(floor, line - HEAD_DISTANCE), line)
        end, threads, extensions = _threads(text, line)
        if head and threads:
            yield from _alone(text, floor, head.start())
            start = max(text.rfind("\n", floor, head.start()) + 1, floor)
            yield _report(text, (start, end), head, threads, extensions)
            floor = end
        first = text.find(FIRST, max(end, first + 1))
    yield from _alone(text, floor, len(text))


def _alone(text: str, floor: int, limit: int) -> Iterator[ParsedReport]:
    """Failures that were told without a stack, between two places."""
    position = text.find(FATAL, floor, limit)
    while position >= 0:
        start = max(text.rfind("\n", floor, position) + 1, floor)
        end = min(text.find("\n", position) + 1 or len(text), limit)
        head = HEADS.match(text, position, end)
        if head:
            yield _report(text, (start, end), head, [Thread(current=True, id="", name="")], "")
        floor = end
        position = text.find(FATAL, end, limit)


def _head(text: str, floor: int, line: int) -> re.Match[str] | None:
    """What failed: the last line above that says so, a few lines at most from the first thread."""
    last = deque(HEADS.finditer(text, floor, line), maxlen=1)
    found = last[0] if last else None
    if found and text.count("\n", found.end(), line) <= HEAD_LINES:
        return found
    return None


def _threads(text: str, position: int) -> tuple[int, list[Thread], str]:
    """Where the dump ends, its threads in order, and the extension modules that were loaded."""
    threads: list[Thread] = []
    extensions = ""
    end = position
    first = line_at(text, position, len(text))[0]
    begun = THREAD.search(first)
    body = bodies(first[: begun.start()]) if begun else bodies("")
    while position < len(text):
        line, after = line_at(text, position, len(text))
        bare = (body(line) or "").strip()
        thread, frame = THREAD.match(bare), FRAME.match(bare)
        modules = EXTENSIONS.match(bare)
        if thread:
            threads.append(Thread(thread["current"] == "Current thread", thread["id"] or "", thread["name"] or ""))
        elif frame and threads:
            threads[-1].frames.append(_frame(frame))
        elif modules:
            extensions = modules[1]
        elif bare and not (bare.startswith(("<", "...", "Binary file", "Garbage-collecting")) or FIRST in bare):
            break
        position = after
        end = after if bare else end
        if modules:
            break
    return end, threads, extensions


def _frame(found: re.Match[str]) -> StackFrame:
    file = found[1][:NAME_LIMIT]
    module, in_app = place(file)
    line = int(found[2]) if found[2].isdigit() else None
    return StackFrame(found[3].strip()[:NAME_LIMIT], module[:NAME_LIMIT], file, line, in_app)


def _report(text: str, span: tuple[int, int], head: re.Match[str], threads: list[Thread], extensions: str) -> ParsedReport:
    error_type, message = _error(text, head, span)
    # The one that failed says so; of threads that only hang, the main one stands last.
    thread = next((one for one in threads if one.current), threads[-1])
    frames = folded(thread.frames)
    extra = {
        "thread": thread.name or thread.id,
        "threads": str(len(threads)) if len(threads) > 1 else "",
        "extension_packages": ", ".join(sorted(_packages(extensions))),
    }
    fatal = head["timeout"] is None
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
    """The packages whose extension modules were loaded, of a list like ``numpy.linalg.x, _cffi (total: 2)``."""
    return {one.strip().partition(".")[0] for one in extensions.partition("(total")[0].split(",")} - {""}


def _error(text: str, head: re.Match[str], span: tuple[int, int]) -> tuple[str, str]:
    """The kind of failure and what is said about it; an error of the interpreter's start may be told below its head."""
    if head["timeout"]:
        return "Timeout", head["timeout"]
    what, message = head["what"].strip(), ""
    if len(what) > 60 or ":" in what or "_" in what:
        what, message = head["kind"], what
    between = text[head.end() : min(span[1], head.end() + HEAD_DISTANCE)]
    raised = RAISED.search(between[: max(between.find(FIRST), 0)])
    if raised:
        message = f"{message}\n{raised[0]}".strip()
    return what[:1].upper() + what[1:], message
