"""Build a report from the fields of a record: exception, stack, time, and the program that raised it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.opentelemetry.json_records import MESSAGES
from graph.parsing.opentelemetry.written_stack import written_stack
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, Reading
from graph.parsing.text.log.fields import first_text, record_from_fields
from graph.parsing.text.log.record import WORST
from graph.rules import severity

STACK = (
    "exception.stacktrace", "error.stack_trace", "error.stack", "err.stack", "exception.stack", "exception.stack_trace",
    "stack_trace", "stackTrace", "stacktrace", "stack", "exc_info", "exc_text", "exception", "exception.traceback",
    "traceback", "@x", "thrown.extendedStackTrace", "thrown.stackTrace", "errorVerbose", "StackTrace", "Exception",
    "Exception.StackTrace", "exception.StackTraceString", "error.stacktrace", "err.stacktrace", "full_message", "error",
    "err", "_stack_trace", "text", "backtrace", "trace", "exception.backtrace", "exception.trace", "error.backtrace",
    "error_stack", "stack_trace_string", "panic.backtrace", *MESSAGES,
)  # fmt: skip
TYPE = (
    "exception.type", "error.type", "err.type", "err.name", "error.name", "error.class", "error.kind", "exception.class",
    "exception.exception_class", "thrown.name", "exception.name", "exc_type", "exception_class", "errorType",
    "exception.ClassName", "exceptionType", "exception_type", "Exception.Type", "exception.exc_type", "error_class",
)  # fmt: skip
MESSAGE = (
    "exception.message", "error.message", "err.message", "thrown.message", "exception.value", "exception.exception_message",
    "errorMessage", "exception_message", "exception.Message", "exc_value", "exception.exc_value", "panic.payload",
    "error_message",
)  # fmt: skip
# Field combinations that identify an exception without a stack. ``error.type`` alone is none: it is also set to the
# status of failed operations.
SUFFICIENT = (
    ("exception.type", "exception.message"), ("exception.type", "exception.value"), ("exception.message",),
    ("error.type", "error.message"), ("thrown.name",), ("panic.payload",),
)  # fmt: skip
SOURCE = {
    "product": ("service.name", "serviceContext.service", "service", "SERVICE_NAME", "app", "application", "appname"),
    "version": ("service.version", "serviceContext.version", "app_version", "version_name"),
    "site": ("deployment.environment.name", "deployment.environment", "service.environment"),
    "user": ("enduser.id", "user.id", "user.name"),
    "session": ("session.id", "session_id"),
}
ENVIRONMENT = {
    "os": ("os.description", "host.os.full", "os.name", "os.type", "host.os.name"),
    "runtime": ("process.runtime.description", "process.runtime.name"),
    "host": ("host.name", "host.hostname", "hostname", "host", "HOSTNAME", "@mt_host"),
    "database": ("db.system.name", "db.system"),
    "database_name": ("db.namespace", "db.name"),
}
OCCURRENCE = {
    "thread": ("thread.name", "thread_name", "threadName", "process.thread.name"),
    "pid": ("process.pid", "pid", "process_id"),
    "trace": ("traceId", "trace_id", "trace.id", "context.trace_id"),
    "span": ("spanId", "span_id", "span.id", "context.span_id"),
}
FRAME_LIKE = re.compile(r"^[^\S\n]*+(?:at |File \"|#\d|[\w./()*$]++\n\s|\S+:\d+)", re.MULTILINE)
RUBY_FRAME = re.compile(r"\S[^\n]{0,500}?:\d{1,7}:in [`'][^'\n]{0,500}'(?:\n|$)")
CHAIN = "\nCaused by:"
# An error as text of one line, beside a stack that does not name it.
STATED = ("error", "err", "panic", "cause", "reason")
PHP_PLACE = re.compile(r"([^\n]{1,1000}?):(\d{1,9})")
CLASS_NAME = re.compile(r"(?:[A-Za-z_]\w{0,100}(?:::|\.|\\)){0,20}[A-Z]\w{0,100}(?:Error|Exception)")
MADE_PANIC = "panic: "
"""Header under which a bare stack of Go is parsed if its record names no panic."""
GO_FRAME = re.compile(r"[\w./()*$-]{1,500}\n\t\S")
CAUSED = {True: "The above exception was the direct cause of the following exception:"}
HANDLED = "During handling of the above exception, another exception occurred:"

ReadStack = Callable[[str], Reading]


def report_of(
    fields: Mapping[str, object], resource: Mapping[str, object], span: tuple[int, int], read: ReadStack
) -> ParsedReport | None:
    """Build the report of a record, or return ``None`` if it holds no exception; ``read`` parses the text of its stack."""
    stated_type, stated_message = first_text(fields, TYPE) or _class_of(fields), first_text(fields, MESSAGE)
    stack_report = _stack_report(fields, stated_type, stated_message, read)
    if stack_report is None and not any(all(first_text(fields, (name,)) for name in names) for names in SUFFICIENT):
        return None
    record = record_from_fields(fields)
    # The record takes precedence; the error parsed from the stack fills the gaps.
    error_type = stated_type or (stack_report.error_type if stack_report else "") or "Error"
    message = stated_message or (stack_report.message if stack_report else "") or record.message
    facts = {**resource, **fields}
    report = stack_report or ParsedReport("opentelemetry", error_type, message)
    return replace(
        report,
        format="opentelemetry",
        platform=report.platform or report.format,
        error_type=error_type[:NAME_LIMIT],
        message=message[:MESSAGE_LIMIT],
        occurred_at=record.at or report.occurred_at,
        severity="critical" if record.level in WORST else severity.infer(error_type, message),
        product=_fact(facts, SOURCE["product"]) or report.product,
        version=_fact(facts, SOURCE["version"]) or report.version,
        site=_fact(facts, SOURCE["site"]) or report.site,
        user=_fact(facts, SOURCE["user"]) or report.user,
        session=_fact(facts, SOURCE["session"]) or report.session,
        environment={**report.environment, **_environment(facts)},
        extra={**report.extra, **{name: value for name, names in OCCURRENCE.items() if (value := _fact(facts, names))}},
        span=span,
    )


def _stack_report(fields: Mapping[str, object], stated_type: str, stated_message: str, read: ReadStack) -> ParsedReport | None:
    """Parse the stack of the record as text."""
    head = ": ".join(part for part in (stated_type, stated_message) if part) or _stated_error(fields)
    for stack in _stacks(fields, head):
        for text in _readable_forms(stack, head):
            reports = read(text).reports
            if reports:
                report = next((report for report in reports if report.frames), reports[0])
                return (
                    replace(report, error_type="Error")
                    if text.startswith(MADE_PANIC) and not stack.startswith(MADE_PANIC)
                    else report
                )
    described = _described_php(fields)
    reports = read(described).reports if described else ()
    return reports[0] if reports else None


def _class_of(fields: Mapping[str, object]) -> str:
    """The class of an exception where the field for the exception holds only that."""
    value = fields.get("exception")
    return value if isinstance(value, str) and CLASS_NAME.fullmatch(value) else ""


def _stated_error(fields: Mapping[str, object]) -> str:
    """The message of a record with the error that one of its fields states, for a stack that names none."""
    stated = next((value for name in STATED if isinstance(value := fields.get(name), str) and "\n" not in value), "")
    message = record_from_fields(fields).message if stated else ""
    return ": ".join(dict.fromkeys(part.strip() for part in (message.partition("\n")[0], stated) if part.strip()))


def _stacks(fields: Mapping[str, object], head: str) -> Iterator[str]:
    for name in STACK:
        value = fields.get(name)
        if isinstance(value, str) and ("\n" in value or FRAME_LIKE.search(value[:NAME_LIMIT])):
            yield value
        elif isinstance(value, list) and value:
            is_text = all(isinstance(line, str) for line in value)
            text = "\n".join(value) if is_text else _traceback(value) or written_stack(value, head or "Error")
            if text:
                yield text


def _readable_forms(stack: str, head: str) -> Iterator[str]:
    """Yield the forms in which a stack may parse: unchanged, below its error, and below the header of its language."""
    if RUBY_FRAME.match(stack):
        name, _, message = head.partition(": ")
        first, *rest = stack.split("\n")
        error = f"{message or name} ({name if message else 'StandardError'})"
        yield "\n".join([f"{first}: {error}", *(f"\tfrom {line}" for line in rest)])
    yield stack
    if head and not stack.startswith(head):
        yield f"{head}\n{stack}"
    if stack.lstrip().startswith('File "'):
        yield f"Traceback (most recent call last):\n{_indented(stack)}\n{head or 'Error'}\n"
    if CHAIN in stack:
        yield f"Error: {stack}"
    if GO_FRAME.match(stack):
        yield f"{head or 'error'}\n{stack}"
        # Of a stack with one frame, only a goroutine's layout is certain.
        lines = (line if line[:1].isspace() or line.endswith(")") or not line else f"{line}(...)" for line in stack.split("\n"))
        yield f"{MADE_PANIC}{head}\n\ngoroutine 1 [running]:\n" + "\n".join(lines) + "\n"


def _described_php(fields: Mapping[str, object]) -> str:
    """The exception that a record of PHP's loggers describes by class, message and place; empty for any other record."""
    place = PHP_PLACE.fullmatch(first_text(fields, ("exception.file",)))
    line = place[2] if place else first_text(fields, ("exception.line",))
    file = place[1] if place else first_text(fields, ("exception.file",))
    if not file.endswith(".php") or not line.isdigit():
        return ""
    return f"PHP Fatal error:  Uncaught {first_text(fields, TYPE)}: {first_text(fields, MESSAGE)} in {file} on line {line}\n"


def _indented(stack: str) -> str:
    lines = stack.rstrip("\n").split("\n")
    return "\n".join(line if line.startswith(" ") else f"  {line}" for line in lines)


def _traceback(chain: Sequence[object]) -> str:
    """Format a list of exceptions with frames, last raised first, as Python prints a traceback."""
    parts = []
    joint = ""
    for exception in reversed(chain):
        if (
            not isinstance(exception, dict)
            or not isinstance(exception.get("frames"), list)
            or not isinstance(exception.get("exc_type"), str)
        ):
            return ""
        frames = "\n".join(_frame(frame) for frame in exception["frames"] if isinstance(frame, dict))
        error = f"{exception['exc_type']}: {exception.get('exc_value') or ''}"
        parts.append(f"{joint}Traceback (most recent call last):\n{frames}\n{error}\n")
        joint = f"\n{CAUSED.get(exception.get('is_cause') is True, HANDLED)}\n\n"
    return "".join(parts)


def _frame(frame: Mapping[str, object]) -> str:
    return f'  File "{frame.get("filename") or ""}", line {frame.get("lineno") or 0}, in {frame.get("name") or "?"}'


def _fact(facts: Mapping[str, object], names: Sequence[str]) -> str | None:
    return first_text(facts, (*names, *(f"resource.attributes.{name}" for name in names)))[:NAME_LIMIT] or None


def _environment(facts: Mapping[str, object]) -> dict[str, str]:
    environment = {name: value for name, names in ENVIRONMENT.items() if (value := _fact(facts, names))}
    for name, key, version in (("os", "os.name", "os.version"), ("runtime", "process.runtime.name", "process.runtime.version")):
        number = _fact(facts, (version,))
        if number and environment.get(name) == _fact(facts, (key,)):
            environment[name] = f"{environment[name]} {number}"
    return environment
