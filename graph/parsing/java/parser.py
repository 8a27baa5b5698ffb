"""Stack traces of Java, Kotlin, Scala, Groovy and Clojure, on their own, in logs, from Android, and deadlocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from graph.model.report import Cause, ParsedReport
from graph.parsing.java.deadlock import FOUND, Waiter, deadlocks
from graph.parsing.java.flattened import unfolded
from graph.parsing.java.frames import SEARCH, frame_of
from graph.parsing.java.header import Above, above
from graph.parsing.java.lines import bodies, head_of
from graph.parsing.java.trace import MARKS, Link, Trace, read_frames
from graph.parsing.protocol import MESSAGE_LIMIT, line_at
from graph.rules import severity
from graph.rules.culprit import culprit

THREAD = 'Exception in thread "'
# What stands in nearly every trace: the places of frames, or the words of the virtual machine.
SIGNS = (".java:", ".kt:", ".scala:", ".groovy:", ".clj:", "(Native Method)", "(Unknown Source", "(SourceFile", THREAD)
MORE_SIGNS = ("(<generated>)", ".java)", "Caused by: ", FOUND)


class JavaParser:
    """Stack traces of the Java virtual machine."""

    name = "java"
    title = "Java, Kotlin, Scala, Groovy and Clojure stack traces, Android's, and deadlocks in thread dumps"
    takes = (
        "the chain of causes, and suppressed exceptions",
        "thread, and process of an Android program",
        "library or not from the package",
        "the time of the log record, where it tells its zone",
    )
    example = (
        'Exception in thread "main" java.lang.IllegalStateException: cart is closed\n'
        "\tat shop.Cart.add(Cart.java:41)\n"
        "\tat shop.Checkout.pay(Checkout.java:12)\n"
        "Caused by: java.io.IOException: connection lost\n"
        "\tat shop.Store.read(Store.java:77)\n"
        "\t... 2 more\n"
    )

    def sniff(self, text: str) -> float:
        """0.95 with what stands in nearly every trace."""
        if THREAD in text:
            return 0.95
        return 0.95 if "at " in text and any(sign in text for sign in (*SIGNS, *MORE_SIGNS)) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """A report for each chain of exceptions and each deadlock; a thread dump without a deadlock tells of no error."""
        floor = 0
        for start, end, members in [*deadlocks(text), (len(text), len(text), [])]:
            for found, trace in traces(text, floor, start):
                report = _report(text, found, trace)
                if report:
                    yield report
            floor = max(floor, end)
            if members:
                yield _deadlock(members, (start, end))


def traces(text: str, floor: int, limit: int) -> Iterator[tuple[Above, Trace]]:
    """Every trace between two places of the text, with what stands above it."""
    waiting: tuple[Above, Trace] | None = None
    for found in _found(text, floor, limit):
        if waiting and _shows_frames(*waiting, *found):
            # What was read as frames stood in the message.
            waiting[1].links[-1].frames, waiting[1].end = found[1].links[0].frames, found[1].end
            waiting[1].links += found[1].links[1:]
            continue
        if waiting:
            yield waiting
        waiting = found
    if waiting:
        yield waiting


def _shows_frames(before: Above, trace: Trace, after: Above, more: Trace) -> bool:
    """Whether a trace without an error is the real stack of the one before it, whose message held lines like frames."""
    return before.head is not None and after.head is None and trace.indent != "\t" and more.indent == "\t"


def _found(text: str, floor: int, limit: int) -> Iterator[tuple[Above, Trace]]:
    frame, over, flat = _next_frame(text, floor, limit), None, None
    thread = text.find(THREAD, floor, limit)
    while frame >= 0 or thread >= 0:
        if frame >= 0 and (over is None or over.start < floor):
            over, flat = _above(text, floor, frame, limit)
        if over and not floor <= thread < over.start:
            found = _flat(over, flat) if flat else _trace(text, over, limit)
            position = max(found[1].end, frame + 3)
        else:
            found = _bare(text, floor, thread, limit)
            position = found[1].end
        if not found[0].thread_dump:
            yield found
        floor = position
        if 0 <= frame < position:
            frame, over = _next_frame(text, position, limit), None
        thread = text.find(THREAD, position, limit) if 0 <= thread < position else thread


def _next_frame(text: str, position: int, limit: int) -> int:
    """Where the next frame stands, or -1."""
    for found in SEARCH.finditer(text, position, limit):
        at = found.start()
        spaced = at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_") or text[at - 2 : at] == "\\t"
        if spaced and frame_of(found[0]):
            return at
    return -1


def _above(text: str, floor: int, frame: int, limit: int) -> tuple[Above, str | None]:
    """What stands above a frame; and the trace with lines of its own where it has none."""
    line = max(text.rfind("\n", floor, frame) + 1, floor)
    end = text.find("\n", frame, limit)
    end = limit if end < 0 else end + 1
    flat = unfolded(text, line, frame, end)
    if flat:
        return Above(line, end), flat
    return above(text, floor, line, frame), None


def _trace(text: str, over: Above, limit: int) -> tuple[Above, Trace]:
    head = over.head
    trace = Trace([Link(head.error_type if head else "", over.message, head.mark if head else "")], over.start, over.frames)
    trace.indent = over.indent
    read_frames(text, over.frames, limit, bodies(over.prefix), trace)
    return over, trace


def _flat(line: Above, unfolded_text: str) -> tuple[Above, Trace]:
    """A trace that was written on one line."""
    found = next(_found(unfolded_text, 0, len(unfolded_text)), None)
    over, trace = found or (line, Trace([], line.start, line.frames))
    trace.start, trace.end = line.start, line.frames
    return over, trace


def _bare(text: str, floor: int, thread: int, limit: int) -> tuple[Above, Trace]:
    """An error that a thread died of and that was printed without frames."""
    start = max(text.rfind("\n", floor, thread) + 1, floor)
    line, after = line_at(text, start, limit)
    head = head_of(text[thread : start + len(line)], near=True)
    over = Above(start, after, head, thread_dump=head is None)
    links = [Link(head.error_type, head.message[:MESSAGE_LIMIT].rstrip())] if head else []
    over.facts = {"thread": head.thread} if head else {}
    return over, Trace(links, start, after)


def _report(text: str, over: Above, trace: Trace) -> ParsedReport | None:
    if not trace.links or (over.head is None and len(trace.links[0].frames) < 2 and text[: min(trace.start, 4_096)].strip()):
        return None
    links = trace.links
    # Some logs print the innermost error first, then what it was wrapped by.
    if any(link.mark == "Wrapped by:" for link in links[1:]):
        links = links[::-1]
    error, *rest = links
    frames = tuple(error.frames)
    time, process = over.facts.get("time"), over.facts.get("process")
    return ParsedReport(
        format="java",
        error_type=error.error_type,
        message=error.message,
        frames=frames,
        culprit=culprit(frames, "java"),
        causes=tuple(Cause(one.relation or "cause", one.error_type, one.message, tuple(one.frames)) for one in rest),
        occurred_at=datetime.fromisoformat(time) if time else None,
        severity=severity.infer(error.error_type, error.message),
        product=process.partition(":")[0] if process else None,
        environment={"os": "Android"} if "android" in over.facts else {},
        extra={name: value for name, value in over.facts.items() if name in {"thread", "pid", "process"}},
        span=(trace.start, trace.end),
        truncated=trace.truncated or over.head is None or bool(over.head.mark in MARKS),
    )


def _deadlock(waiters: list[Waiter], span: tuple[int, int]) -> ParsedReport:
    """Threads that wait for each other: the first one's frames are the report's, the others are members."""
    first, *others = waiters
    frames = tuple(first.link.frames)
    message = "threads wait for each other: " + ", ".join(sorted({one.waits_for for one in waiters} - {""}))
    return ParsedReport(
        format="java",
        error_type="Deadlock",
        message=message.rstrip(": "),
        frames=frames,
        culprit=culprit(frames, "java"),
        causes=tuple(
            Cause("member", "Deadlock", f"{one.thread} waits for {one.waits_for}", tuple(one.link.frames)) for one in others
        ),
        severity=severity.infer("Deadlock", message),
        extra={"thread": first.thread},
        span=span,
        truncated=not frames,
    )
