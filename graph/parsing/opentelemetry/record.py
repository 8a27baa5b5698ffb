"""From the fields of a record to a report: who raised what, where, in which version of which program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, Reading
from graph.parsing.text.log_fields import first_text, record_from_fields
from graph.parsing.text.log_record import WORST
from graph.rules import severity

STACK = (
    *("exception.stacktrace", "error.stack_trace", "error.stack", "err.stack", "exception.stack", "exception.stack_trace"),
    *(
        "stack_trace",
        "stackTrace",
        "stacktrace",
        "stack",
        "exc_info",
        "exc_text",
        "exception",
        "exception.traceback",
        "traceback",
    ),
    *(
        "@x",
        "thrown.extendedStackTrace",
        "thrown.stackTrace",
        "errorVerbose",
        "StackTrace",
        "Exception",
        "Exception.StackTrace",
    ),
    *(
        "exception.StackTraceString",
        "error.stacktrace",
        "err.stacktrace",
        "full_message",
        "error",
        "err",
        "_stack_trace",
        "text",
    ),
)
TYPE = (
    *("exception.type", "error.type", "err.type", "err.name", "error.name", "error.class", "error.kind", "exception.class"),
    *(
        "exception.exception_class",
        "thrown.name",
        "exception.name",
        "exc_type",
        "exception_class",
        "errorType",
        "exception.ClassName",
    ),
    *("exceptionType", "exception_type", "Exception.Type", "exception.exc_type"),
)
MESSAGE = (
    *("exception.message", "error.message", "err.message", "thrown.message", "exception.value", "exception.exception_message"),
    *("errorMessage", "exception_message", "exception.Message", "exc_value", "exception.exc_value"),
)
# An exception is told by these two together where there is no stack. ``error.type`` alone is no exception: it names
# whatever an operation ended with.
TELLING = (
    *(("exception.type", "exception.message"), ("exception.type", "exception.value"), ("exception.message",)),
    *(("error.type", "error.message"), ("thrown.name",)),
)
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
FRAMED = re.compile(r"^\s*(?:at |File \"|#\d|[\w./()*$]++\n\s|\S+:\d+)", re.MULTILINE)
GO_FRAME = re.compile(r"[\w./()*$-]{1,500}\n\t\S")
CAUSED = {True: "The above exception was the direct cause of the following exception:"}
HANDLED = "During handling of the above exception, another exception occurred:"

Read = Callable[[str], Reading]


def report_of(
    fields: Mapping[str, object], resource: Mapping[str, object], span: tuple[int, int], read: Read
) -> ParsedReport | None:
    """The report that a record tells; ``None`` when it tells of no exception. ``read`` reads the text of its stack."""
    told_type, told_message = first_text(fields, TYPE), first_text(fields, MESSAGE)
    inner = _inner(fields, told_type, told_message, read)
    if inner is None and not any(all(first_text(fields, (name,)) for name in names) for names in TELLING):
        return None
    record = record_from_fields(fields)
    # A stack that tells its own error is right about it: the same fault grouped with one that came without a record.
    error_type = told_type or (inner.error_type if inner else "") or "Error"
    message = told_message or (inner.message if inner else "") or record.message
    facts = {**resource, **fields}
    found = inner or ParsedReport("opentelemetry", error_type, message)
    return replace(
        found,
        format="opentelemetry",
        error_type=error_type[:NAME_LIMIT],
        message=message[:MESSAGE_LIMIT],
        occurred_at=record.at or found.occurred_at,
        severity="critical" if record.level in WORST else severity.infer(error_type, message),
        product=_word(facts, SOURCE["product"]) or found.product,
        version=_word(facts, SOURCE["version"]) or found.version,
        site=_word(facts, SOURCE["site"]) or found.site,
        user=_word(facts, SOURCE["user"]) or found.user,
        session=_word(facts, SOURCE["session"]) or found.session,
        environment={**found.environment, **_environment(facts)},
        extra={**found.extra, **{name: told for name, names in OCCURRENCE.items() if (told := _word(facts, names))}},
        span=span,
    )


def _inner(fields: Mapping[str, object], told_type: str, told_message: str, read: Read) -> ParsedReport | None:
    """What the record's stack says, read as the text that it is."""
    head = ": ".join(part for part in (told_type, told_message) if part)
    for stack in _stacks(fields):
        for text in _readings(stack, head):
            reports = read(text).reports
            if reports:
                return next((one for one in reports if one.frames), reports[0])
    return None


def _stacks(fields: Mapping[str, object]) -> Iterator[str]:
    for name in STACK:
        value = fields.get(name)
        if isinstance(value, str) and ("\n" in value or FRAMED.search(value[:NAME_LIMIT])):
            yield value
        elif isinstance(value, list) and value:
            text = "\n".join(value) if all(isinstance(one, str) for one in value) else _traceback(value)
            if text:
                yield text


def _readings(stack: str, head: str) -> Iterator[str]:
    """A stack as it is; below its error, where it does not tell that itself; and below the header of what wrote it."""
    yield stack
    if head and not stack.startswith(head):
        yield f"{head}\n{stack}"
    if stack.lstrip().startswith('File "'):
        yield f"Traceback (most recent call last):\n{_indented(stack)}\n{head or 'Error'}\n"
    if GO_FRAME.match(stack):
        lines = (line if line[:1].isspace() or line.endswith(")") or not line else f"{line}(...)" for line in stack.split("\n"))
        yield f"panic: {head}\n\ngoroutine 1 [running]:\n" + "\n".join(lines) + "\n"


def _indented(stack: str) -> str:
    lines = stack.rstrip("\n").split("\n")
    return "\n".join(line if line.startswith(" ") else f"  {line}" for line in lines)


def _traceback(chain: Sequence[object]) -> str:
    """A traceback as Python prints it, from a list of exceptions with frames, the one that was raised last first."""
    parts = []
    joint = ""
    for one in reversed(chain):
        if not isinstance(one, dict) or not isinstance(one.get("frames"), list) or not isinstance(one.get("exc_type"), str):
            return ""
        frames = "\n".join(_frame(frame) for frame in one["frames"] if isinstance(frame, dict))
        error = f"{one['exc_type']}: {one.get('exc_value') or ''}"
        parts.append(f"{joint}Traceback (most recent call last):\n{frames}\n{error}\n")
        joint = f"\n{CAUSED.get(one.get('is_cause') is True, HANDLED)}\n\n"
    return "".join(parts)


def _frame(frame: Mapping[str, object]) -> str:
    return f'  File "{frame.get("filename") or ""}", line {frame.get("lineno") or 0}, in {frame.get("name") or "?"}'


def _word(facts: Mapping[str, object], names: Sequence[str]) -> str | None:
    return first_text(facts, (*names, *(f"resource.attributes.{name}" for name in names)))[:NAME_LIMIT] or None


def _environment(facts: Mapping[str, object]) -> dict[str, str]:
    found = {name: told for name, names in ENVIRONMENT.items() if (told := _word(facts, names))}
    for name, key, version in (("os", "os.name", "os.version"), ("runtime", "process.runtime.name", "process.runtime.version")):
        number = _word(facts, (version,))
        if number and found.get(name) == _word(facts, (key,)):
            found[name] = f"{found[name]} {number}"
    return found
