"""Find JSON objects with an exception in a text: whole documents, JSON lines, behind a prefix, or truncated.

The text is scanned once for brackets and strings, which finds objects anywhere, yields exact spans, and keeps what a
damaged document holds before and after the damage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graph.parsing.protocol import SharedLiterals
from graph.parsing.text.log.fields import flatten, parse_json_object

# Field names that may hold an exception; the value decides.
MARKS = (
    "exception.type", "exception.message", "exception.stacktrace", "error.stack_trace", "error.stack", "stack_trace",
    "stackTrace", "stacktrace", "stack", "exc_info", "exc_text", "exc_type", "exception", "traceback", "err", "error", "@x",
    "thrown", "full_message", "errorVerbose", "errorType", "exception_class", "StackTrace", "Exception", "StackTraceString",
    "backtrace", "trace", "panic.payload", "error_stack", "stack_trace_string",
)  # fmt: skip
# Fields of every record, in which some loggers put a whole stack; only a value of several lines may be one.
MESSAGES = (
    "message",
    "msg",
    "textPayload",
    "event",
    "@m",
    "@message",
    "short_message",
    "body",
    "Message",
    "MESSAGE",
    "Error",
    "details",
)
MARKED = frozenset(f'"{mark}"' for mark in MARKS)
ANY_MARKED = SharedLiterals(*MARKED)
MARKED_MESSAGES = frozenset(f'"{name}"' for name in MESSAGES)
ANY_MESSAGE = SharedLiterals(*MARKED_MESSAGES)
SEVERAL_LINES = re.compile(r"\s{0,40}+:\s{0,40}+\"(?:[^\"\\\n]++|\\[^\nn])*+\\n")
TOKEN = re.compile(r'"(?:[^"\\\n]++|\\[^\n])*+"?|[{}\[\]]')
COLON_NEXT = re.compile(r"\s{0,40}+:")
COLON_BETWEEN = re.compile(r"\s{0,40}+:\s{0,40}+")
# Elements of these lists belong to the enclosing record; those of any other list are records of their own.
INLINE_LISTS = frozenset(
    (
        '"attributes"', '"exception"', '"exceptions"', '"errors"', '"causes"', '"cause"', '"aggregateErrors"', '"suppressed"',
        '"values"', '"err"', '"frames"', '"stack"', '"stackTrace"', '"stack_trace"', '"stacktrace"', '"kvlistValue"',
        '"extendedStackTrace"', '"inner_exceptions"', '"backtrace"', '"trace"',
    )
)  # fmt: skip
RESOURCE = '"resource"'
KEY = '"key"'
DEPTH_LIMIT = 200
RESOURCE_LIMIT = 65_536
PARENTS = 12
PREFIX_LIMIT = 300
TRUNCATED_LIMIT = 1 << 20
# Repairs of a truncated record: characters to strip from its end, and text to append.
REPAIRS = ((",", ""), ("\\", '"'), (",", "null"), (",", ":null"), ("\\", '":null'))


@dataclass(slots=True, eq=False)
class OpenBracket:
    """An object or list that is still open; ``key`` is its quoted name, empty if it has none."""

    start: int
    is_list: bool
    key: str
    parent: OpenBracket | None
    marked: bool = False
    resource: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExceptionRecord:
    """An object with an exception: its fields under dotted names, and the resource that the enclosing objects name."""

    span: tuple[int, int]
    fields: Mapping[str, object]
    resource: Mapping[str, object]
    truncated: bool = False


def may_have_records(text: str) -> bool:
    """Whether a text may have such an object: it names a stack, or has a message of several lines."""
    return "{" in text and (ANY_MARKED.occurs_in(text) or ("\\n" in text and ANY_MESSAGE.occurs_in(text)))


def records_in(text: str) -> Iterator[ExceptionRecord]:
    """Yield the marked objects in order; none contains another."""
    stack: list[OpenBracket] = []
    closed: list[tuple[int, int, OpenBracket]] = []
    deeper = 0
    last = (0, 0)
    for token in TOKEN.finditer(text):
        start, end = token.span()
        first = text[start]
        if first == '"':
            if stack and not deeper and end - start <= 24:
                name = text[start:end]
                if name in MARKED or (name in MARKED_MESSAGES and SEVERAL_LINES.match(text, end)):
                    _mark(text, start, end, last, stack[-1])
            last = (start, end)
        elif first in "{[":
            if deeper or len(stack) >= DEPTH_LIMIT:
                deeper += 1
                continue
            stack.append(OpenBracket(start, first == "[", _key(text, last, start), stack[-1] if stack else None))
        elif deeper:
            deeper -= 1
        else:
            _close(text, end, stack, closed, is_list=first == "]")
    for start, end, record in closed:
        content = parse_json_object(text[start:end])
        if content is not None:
            yield ExceptionRecord((_line_start(text, start), _line_end(text, end)), flatten(content), _resource(record))
    cut = next((place for place, bracket in enumerate(stack) if bracket.marked), None) if not deeper else None
    if cut is not None and not (closed and closed[-1][0] > stack[cut].start):
        yield from _truncated_record(text, stack[cut:])


def _truncated_record(text: str, rest: list[OpenBracket]) -> Iterator[ExceptionRecord]:
    """Yield a record whose end is missing, repaired."""
    closing = "".join("]" if bracket.is_list else "}" for bracket in reversed(rest))
    start = rest[0].start
    left = text[start:].rstrip()
    if len(left) > TRUNCATED_LIMIT:
        return
    for missing in REPAIRS:
        content = parse_json_object(f"{left.rstrip(missing[0])}{missing[1]}{closing}")
        if content is not None:
            yield ExceptionRecord((_line_start(text, start), len(text)), flatten(content), _resource(rest[0]), truncated=True)
            return


def _mark(text: str, start: int, end: int, last: tuple[int, int], inner: OpenBracket) -> None:
    """Mark the record that a field name belongs to; a string value counts only as the ``key`` of an attribute."""
    if not COLON_NEXT.match(text, end) and not (text[slice(*last)] == KEY and COLON_BETWEEN.fullmatch(text, last[1], start)):
        return
    while inner.parent is not None and (not inner.parent.is_list or inner.parent.key in INLINE_LISTS or inner.is_list):
        inner = inner.parent
    inner.marked = True


def _key(text: str, last: tuple[int, int], start: int) -> str:
    if start - last[1] > 90 or last[1] - last[0] > 40 or not COLON_BETWEEN.fullmatch(text, last[1], start):
        return ""
    return text[slice(*last)]


def _close(text: str, end: int, stack: list[OpenBracket], closed: list[tuple[int, int, OpenBracket]], *, is_list: bool) -> None:
    """Close the innermost bracket of a type; brackets left open inside it are not JSON and are dropped."""
    if not any(bracket.is_list == is_list for bracket in stack[-3:]):
        return
    while stack[-1].is_list != is_list:
        stack.pop()
    bracket = stack.pop()
    if bracket.is_list:
        return
    if bracket.key == RESOURCE and bracket.parent is not None and end - bracket.start <= RESOURCE_LIMIT:
        bracket.parent.resource = flatten(parse_json_object(text[bracket.start : end]) or {})
    if bracket.marked and not (closed and closed[-1][0] > bracket.start):
        closed.append((bracket.start, end, bracket))


def _resource(record: OpenBracket | None) -> Mapping[str, object]:
    """Resource named by the nearest enclosing object."""
    for _ in range(PARENTS):
        if record is None or record.resource:
            break
        record = record.parent
    return record.resource if record else {}


def _line_start(text: str, start: int) -> int:
    """Start of the line, if only a short prefix without brackets precedes the object; else the object's own start."""
    begin = text.rfind("\n", max(0, start - PREFIX_LIMIT), start) + 1
    if begin == 0 and start > PREFIX_LIMIT:
        return start
    return start if any(bracket in text[begin:start] for bracket in '{}[]"') else begin


def _line_end(text: str, end: int) -> int:
    """Position after the line end, if nothing follows the object on its line."""
    if text.startswith("\r\n", end):
        return end + 2
    return end + 1 if text.startswith("\n", end) else end
