"""JSON lines: one object a line becomes one submission.

An object has ``report`` (a text), or ``exception`` with ``type`` and ``message`` and ``frames`` (innermost first), or
both, and any of ``timestamp``, ``environment`` and the fields declared in :class:`graph.sources.submission.Submission` with
``stated``. Any other name is kept in the environment: strings and numbers as text, other values as JSON.
A line that cannot be read becomes a submission with ``error`` and the line as its ``report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import orjson
from dateutil import parser as dates

from graph.model.errors import InvalidInputError
from graph.model.outside_json import read_json
from graph.model.quoting import quoted
from graph.model.report import StackFrame
from graph.rules import severity
from graph.sources.encoding import text_of
from graph.sources.submission import STATED, Submission

TEXTS = tuple(field.name for field in STATED if field.name != "severity")
NAMES = frozenset({*TEXTS, "report", "exception", "frames", "timestamp", "severity", "environment"})

type_names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def submission_of(line: bytes | str, template: Submission, number: int = 1) -> Submission:
    """The submission in a line; ``template`` has the values for what the line does not state.

    Never raises: a line that cannot be read is returned as :func:`rejected`, with its ``number``, from 1, in the error.
    """
    try:
        return replace(template, **_values(_object(line)))
    except InvalidInputError as error:
        raw = line if isinstance(line, str) else line.decode("utf-8", "backslashreplace")
        return rejected(raw.rstrip("\r\n"), f"line {number}: {error}", template)


def rejected(raw: str, error: str, template: Submission) -> Submission:
    """A submission that keeps unreadable input and the reason."""
    return replace(template, report=raw, error=error)


def _object(line: bytes | str) -> Mapping[str, object]:
    content = read_json(line if isinstance(line, str) or line.isascii() else text_of(line)[0])
    if not isinstance(content, dict):
        raise InvalidInputError(f"is {_kind(content)}; each line must be one JSON object.")
    return content


def _values(content: Mapping[str, object]) -> dict[str, Any]:
    """The fields of a submission that an object states."""
    report = _text(content, "report")
    error_type, message = _exception(content)
    frames = _frames(content)
    if report is None and error_type is None and message is None and not frames:
        raise InvalidInputError("has neither report nor exception nor frames; one of them must say what happened.")
    texts = {name: _text(content, name, numbers=True) for name in TEXTS}
    return {
        "report": report,
        "exception_type": error_type,
        "exception_message": message,
        "frames": frames,
        "timestamp": _timestamp(content),
        "severity": _severity(content),
        "environment": _environment(content),
        **{name: text for name, text in texts.items() if text},
    }


def _text(content: Mapping[str, object], name: str, where: str = "", *, numbers: bool = False) -> str | None:
    value = content.get(name)
    if value is None or isinstance(value, str):
        return value
    if not numbers or isinstance(value, bool) or not isinstance(value, int | float):
        _wrong_type(f"{where}{name}", value, "text")
    return str(value)


def _exception(content: Mapping[str, object]) -> tuple[str | None, str | None]:
    value = content.get("exception")
    if value is None:
        return None, None
    if not isinstance(value, dict):
        _wrong_type("exception", value, "an object with type and message")
    return _text(value, "type", "exception.") or None, _text(value, "message", "exception.") or None


def _frames(content: Mapping[str, object]) -> tuple[StackFrame, ...]:
    value = content.get("frames")
    if value is None:
        return ()
    if not isinstance(value, list):
        _wrong_type("frames", value, "a list of frames, innermost first")
    return tuple(_frame(one, f"frames[{index}]") for index, one in enumerate(value))


def _frame(value: object, where: str) -> StackFrame:
    if not isinstance(value, dict):
        _wrong_type(where, value, "an object with function, module, file, line and in_app")
    function, module = _text(value, "function", f"{where}."), _text(value, "module", f"{where}.")
    file, line, in_app = _text(value, "file", f"{where}."), value.get("line"), value.get("in_app")
    if line is not None and (isinstance(line, bool) or not isinstance(line, int)):
        _wrong_type(f"{where}.line", line, "a whole number")
    if in_app is not None and not isinstance(in_app, bool):
        _wrong_type(f"{where}.in_app", in_app, "true or false")
    if not function and not module and not file:
        raise InvalidInputError(f"{where} is empty; a frame needs at least a function, a module or a file.")
    return StackFrame(function or "", module or "", file, line, in_app)


def _timestamp(content: Mapping[str, object]) -> datetime | None:
    value = content.get("timestamp")
    if value is None:
        return None
    if not isinstance(value, str):
        _wrong_type("timestamp", value, "an ISO 8601 time such as 2026-01-31T12:00:00Z")
    try:
        return utc(value)
    except InvalidInputError as error:
        raise InvalidInputError(f"timestamp {error}") from error


def utc(text: str) -> datetime:
    """An ISO 8601 time as UTC; one without a zone is taken as UTC. ``InvalidInputError`` for anything else."""
    stripped = text.strip()
    try:
        time = datetime.fromisoformat(stripped)
    except ValueError:
        try:
            time = dates.isoparse(stripped)
        except (ValueError, OverflowError) as error:
            raise InvalidInputError(f"{quoted(text)} is not an ISO 8601 time such as 2026-01-31T12:00:00Z.") from error
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"{quoted(text)} is outside the years 1 to 9999.") from error


def _severity(content: Mapping[str, object]) -> str | None:
    value = _text(content, "severity")
    return severity.normalise(value) if value and value.strip() else None


def _environment(content: Mapping[str, object]) -> dict[str, str]:
    value = content.get("environment")
    if value is not None and not isinstance(value, dict):
        _wrong_type("environment", value, "an object of names and texts")
    facts = {name: _as_text(one) for name, one in (value or {}).items() if one is not None}
    for name, one in content.items():
        if name not in NAMES and one is not None:
            facts.setdefault(name, _as_text(one))
    return {name: text for name, text in facts.items() if text}


def _as_text(value: object) -> str:
    """Strings and numbers as they are, other values as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()


def _kind(value: object) -> str:
    return type_names.get(type(value), "null")


def _wrong_type(name: str, value: object, expected: str) -> NoReturn:
    raise InvalidInputError(f"{name} is {_kind(value)}; expected {expected}.")
