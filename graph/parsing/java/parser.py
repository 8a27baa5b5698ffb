"""Stack traces of Java, Kotlin, Scala, Groovy and Clojure, standalone, in logs and on Android, and deadlocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from graph.model.report import Cause, ParsedReport
from graph.parsing.java.clojure import ERROR, error_maps
from graph.parsing.java.context import TraceContext, context_above
from graph.parsing.java.crash_report import TITLE, with_sections
from graph.parsing.java.deadlock import DEADLOCK, DeadlockedThread, deadlocks
from graph.parsing.java.error_page import PAGE, error_pages
from graph.parsing.java.flattened import unflatten
from graph.parsing.java.header import CHAINED, OUTWARD, parse_header
from graph.parsing.java.junit_console import FAILED, SOURCE, failed_tests
from graph.parsing.java.maven import end_of_build
from graph.parsing.java.trace import JavaException, JavaTrace, causes_of, read_frames
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, line_at, without_overlaps
from graph.parsing.text.jvm_frames import SEARCH, parse_jvm_frame
from graph.parsing.text.log.prefix import prefix_stripper
from graph.rules import severity
from graph.rules.culprit import culprit

THREAD = 'Exception in thread "'
UNCAUGHT = " thrown from the UncaughtExceptionHandler in thread "
HANDLER = re.compile(rf'Exception: (?P<type>[\w$.]{{1,300}}){UNCAUGHT}"(?P<thread>[^\n]{{0,200}}?)"\s*?$', re.MULTILINE)
# Nearly every trace contains one of these: a source location of a frame, or words of the virtual machine.
SIGNS = SharedLiterals(
    *(".java:", ".kt:", ".scala:", ".groovy:", ".clj:", ".java)", "(Native Method)", "(Unknown Source", "(SourceFile"),
    *("(<generated>)", "Caused by: ", DEADLOCK),
)
CERTAIN, TESTS = SharedLiterals(THREAD, UNCAUGHT, ERROR, PAGE), SharedLiterals(SOURCE)


class JavaParser:
    """Stack traces of the Java virtual machine."""

    name = "java"
    signs = (CERTAIN, TESTS, SIGNS)
    title = "Java, Kotlin, Scala, Groovy and Clojure stack traces, Android's, Tomcat's error pages, and deadlocks in dumps"
    takes = (
        "the chain of causes, and suppressed exceptions",
        "the thread, and the process of an Android app",
        "library or application code, by package",
        "the time of the log record, if it has a time zone",
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
        """0.95 if the text contains a sign of a trace."""
        if CERTAIN.occurs_in(text) or (TESTS.occurs_in(text) and FAILED in text):
            return 0.95
        return 0.95 if SIGNS.occurs_in(text) and "at " in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per exception chain and per deadlock; a thread dump without a deadlock is no report."""
        others = [*(error_maps(text) if ERROR in text else ()), *(_failed_handlers(text) if UNCAUGHT in text else ())]
        others += failed_tests(text) if FAILED in text and SOURCE in text else ()
        others += error_pages(text, self._printed) if PAGE in text else ()
        printed = self._printed(text)
        yield from without_overlaps(printed, sorted(others, key=lambda report: report.span)) if others else printed

    def _printed(self, text: str) -> Iterator[ParsedReport]:
        floor, titled = 0, TITLE in text
        for start, end, threads in [*deadlocks(text), (len(text), len(text), [])]:
            for context, trace in merged_traces(text, floor, start):
                report = _report(text, context, trace)
                if report:
                    yield with_sections(text, report) if titled else report
            floor = max(floor, end)
            if threads:
                yield _deadlock_report(threads, (start, end))


def _failed_handlers(text: str) -> Iterator[ParsedReport]:
    """Exceptions of the handler of uncaught exceptions, which the virtual machine prints on one line."""
    for match in HANDLER.finditer(text):
        yield ParsedReport(
            format="java",
            error_type=match["type"],
            message="",
            severity=severity.infer(match["type"], ""),
            extra={"thread": match["thread"]},
            span=match.span(),
        )


def merged_traces(text: str, floor: int, limit: int) -> Iterator[tuple[TraceContext, JavaTrace]]:
    """The traces between two positions of the text, each with the context above it."""
    pending: tuple[TraceContext, JavaTrace] | None = None
    for context, trace in _printed_traces(text, floor, limit):
        if pending and _continue_trace(text, *pending, context, trace):
            pending[1].end = trace.end
            continue
        if pending:
            pending[1].end = end_of_build(text, pending[1].end, context.start)
            yield pending
        pending = context, trace
    if pending:
        pending[1].end = end_of_build(text, pending[1].end, limit)
        yield pending


def _continue_trace(text: str, before: TraceContext, pending: JavaTrace, after: TraceContext, trace: JavaTrace) -> bool:
    """Take over the exceptions of a trace that only continues the previous one; returns whether it does."""
    if before.header is None or not trace.exceptions:
        return False
    quoted = after.continued and len(pending.exceptions) == 1 and not before.prefix
    if quoted or (after.header is None and pending.indent != "\t" and trace.indent == "\t"):
        # The message quoted lines like frames; this is the stack.
        if not before.prefix:
            message = f"{pending.exceptions[0].message}\n{text[before.frames : after.frames]}"
            pending.exceptions[0].message = message.replace("\r\n", "\n")[:MESSAGE_LIMIT].strip("\n").rstrip()
            before.frames = after.frames
        pending.exceptions[-1].printed_frames = trace.exceptions[0].printed_frames
        pending.exceptions += trace.exceptions[1:]
    elif after.header is None and after.labelled:
        # The same error seen from elsewhere, such as Spark's driver, or a section of a crash report.
        pending.exceptions += trace.exceptions[1:]
    elif after.header is not None and after.root_cause:
        trace.exceptions[0].mark = "Caused by:"
        pending.exceptions += trace.exceptions
    else:
        return False
    return True


def _printed_traces(text: str, floor: int, limit: int) -> Iterator[tuple[TraceContext, JavaTrace]]:
    frame, context, flat = _next_frame(text, floor, limit), None, None
    thread = text.find(THREAD, floor, limit)
    while frame >= 0 or thread >= 0:
        if frame >= 0 and (context is None or context.start < floor):
            context, flat = _context_of_frame(text, floor, frame, limit)
        if context and not floor <= thread < context.start:
            result = _read_flattened_trace(context, flat) if flat else _read_trace(text, context, limit)
            position = max(result[1].end, frame + 3)
        else:
            result = _read_exception_without_frames(text, floor, thread, limit)
            position = result[1].end
        if not result[0].thread_dump:
            yield result
        floor = position
        if 0 <= frame < position:
            frame, context = _next_frame(text, position, limit), None
        thread = text.find(THREAD, position, limit) if 0 <= thread < position else thread


def _next_frame(text: str, position: int, limit: int) -> int:
    """Position of the next frame, or -1."""
    for match in SEARCH.finditer(text, position, limit):
        at = match.start()
        starts_word = at == 0 or not (text[at - 1].isalnum() or text[at - 1] == "_") or text[at - 2 : at] == "\\t"
        # Mockito's messages point to a call with an arrow.
        if starts_word and not text.endswith("-> ", 0, at) and parse_jvm_frame(match[0]):
            return at
    return -1


def _context_of_frame(text: str, floor: int, frame: int, limit: int) -> tuple[TraceContext, str | None]:
    """The context of a frame; for a trace flattened into one line, also its text with line ends restored."""
    line = max(text.rfind("\n", floor, frame) + 1, floor)
    end = text.find("\n", frame, limit)
    end = limit if end < 0 else end + 1
    flat = unflatten(text, line, frame, end)
    if flat:
        return TraceContext(line, end), flat
    return context_above(text, floor, line, frame), None


def _read_trace(text: str, context: TraceContext, limit: int) -> tuple[TraceContext, JavaTrace]:
    header = context.header
    error = JavaException(header.error_type if header else "", context.message, header.mark if header else "")
    trace = JavaTrace([error], context.start, context.frames, context.indent)
    read_frames(text, context.frames, limit, prefix_stripper(context.prefix), trace)
    return context, trace


def _read_flattened_trace(line: TraceContext, restored: str) -> tuple[TraceContext, JavaTrace]:
    """The trace of one line, read from the text with line ends restored."""
    result = next(_printed_traces(restored, 0, len(restored)), None)
    context, trace = result or (line, JavaTrace([], line.start, line.frames))
    trace.start, trace.end = line.start, line.frames
    return context, trace


def _read_exception_without_frames(text: str, floor: int, thread: int, limit: int) -> tuple[TraceContext, JavaTrace]:
    """An uncaught exception of a thread, printed without frames."""
    start = max(text.rfind("\n", floor, thread) + 1, floor)
    line, after = line_at(text, start, limit)
    header = parse_header(text[thread : start + len(line)])
    context = TraceContext(start, after, header, thread_dump=header is None)
    exceptions = [JavaException(header.error_type, header.message[:MESSAGE_LIMIT].rstrip())] if header else []
    context.facts = {"thread": header.thread} if header else {}
    return context, JavaTrace(exceptions, start, after)


def _report(text: str, context: TraceContext, trace: JavaTrace) -> ParsedReport | None:
    exceptions = trace.exceptions
    if not exceptions:
        return None
    if context.header is None and len(exceptions[0].frames) < 2 and text[: min(trace.start, 4_096)].strip():
        return None
    # Some loggers print the root cause first, then the exceptions that wrap it.
    if any(exception.mark in OUTWARD for exception in exceptions[1:]):
        exceptions = exceptions[::-1]
    error = exceptions[0]
    frames = error.frames
    facts = context.facts
    time, process = facts.get("time"), facts.get("process")
    return ParsedReport(
        format="java",
        error_type=error.error_type,
        message=error.message,
        frames=frames,
        culprit=culprit(frames, "java"),
        causes=tuple(causes_of(exceptions)),
        occurred_at=datetime.fromisoformat(time) if time else None,
        severity=severity.infer(error.error_type, error.message),
        product=process.partition(":")[0] if process else None,
        environment={"os": "Android"} if "android" in facts else {},
        extra={name: value for name, value in facts.items() if name in {"thread", "pid", "process"}},
        span=(trace.start, trace.end),
        truncated=trace.truncated or context.header is None or context.header.mark in CHAINED,
    )


def _deadlock_report(threads: list[DeadlockedThread], span: tuple[int, int]) -> ParsedReport:
    """A report with the frames of the first thread; the other threads are parallel to it."""
    first, *others = threads
    message = "threads wait for each other: " + ", ".join(sorted({thread.waits_for for thread in threads} - {""}))
    return ParsedReport(
        format="java",
        error_type="Deadlock",
        message=message.rstrip(": "),
        frames=first.frames,
        culprit=culprit(first.frames, "java"),
        causes=tuple(
            Cause("parallel", "Deadlock", f"{thread.thread} waits for {thread.waits_for}", thread.frames) for thread in others
        ),
        severity=severity.infer("Deadlock", message),
        extra={"thread": first.thread},
        span=span,
        truncated=not first.frames,
    )
