"""Records of ``key=value`` lines with a stack in one of their fields, its line ends escaped."""

from __future__ import annotations

from collections.abc import Iterator

from graph.parsing.opentelemetry.json_records import ExceptionRecord
from graph.parsing.protocol import SharedLiterals, line_at
from graph.parsing.text.log.fields import key_value_fields

MARKS = tuple(
    f'{name}="'
    for name in (
        "stack",
        "stacktrace",
        "stack_trace",
        "stackTrace",
        "exception",
        "err",
        "error",
        "trace",
        "backtrace",
        "msg",
        "message",
    )
)
ANY_MARK = SharedLiterals(*MARKS)
LINE_LIMIT = 1 << 20


def may_have_records(text: str) -> bool:
    """Whether a text may have such a record."""
    return "\\n" in text and ANY_MARK.occurs_in(text)


def records_in_lines(text: str) -> Iterator[ExceptionRecord]:
    """Yield the lines with a field of several lines, in order."""
    position = text.find("\\n")
    while position >= 0:
        start = text.rfind("\n", 0, position) + 1
        line, after = line_at(text, start, len(text))
        if len(line) <= LINE_LIMIT and not line.lstrip().startswith("{") and any(mark in line for mark in MARKS):
            yield ExceptionRecord((start, after), key_value_fields(line), {})
        position = text.find("\\n", after)
