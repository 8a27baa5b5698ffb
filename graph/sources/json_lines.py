"""JSON lines of the contract: one object a line becomes one submission.

An object has ``report`` (a text), or ``exception`` with ``type`` and ``message`` and ``frames`` (innermost first), or
both, and any of ``id timestamp product version site user session severity environment file_name``. A name that is
not one of these is kept in the environment as it came: a text or a number as its text, anything else as JSON. A line
that cannot be read becomes a submission with ``error`` and the line as its ``report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

import orjson
from dateutil import parser as dates

from graph.model.errors import InvalidInputError
from graph.model.report import StackFrame
from graph.rules import severity
from graph.sources.encoding import text_of
from graph.sources.submission import Submission

TEXTS = ("id", "product", "version", "site", "user", "session", "file_name")
NAMES = frozenset({*TEXTS, "report", "exception", "frames", "timestamp", "severity", "environment"})
FRAME_NAMES = frozenset({"function", "module", "file", "line", "in_app"})
NAME_LIMIT = 80

type_names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line and where it came from. ``ordinal`` counts from 0, messages say lines from 1."""

    source: str = "-"
    ordinal: int = 0
    number: int = 1
    file_hash: str | None = None
    file_name: str | None = None
    format: str = "auto"
    product: str | None = None
    version: str | None = None
    site: str | None = None


def submission_of(line: bytes | str, origin: Line) -> Submission:
    """The submission a line holds; never raises: what is wrong stands in ``error``, the line itself in ``report``."""
    try:
        return _submission(_object(line), origin)
    except InvalidInputError as error:
        raw = line if isinstance(line, str) else line.decode("utf-8", "backslashreplace")
        return rejected(raw.rstrip("\r\n"), f"line {origin.number}: {error}", origin)


def rejected(raw: str, error: str, origin: Line) -> Submission:
    """A submission that keeps what could not be read and says why."""
    return Submission(
        report=raw,
        error=error,
        source=origin.source,
        ordinal=origin.ordinal,
        file_hash=origin.file_hash,
        file_name=origin.file_name,
        format=origin.format,
        product=origin.product,
        version=origin.version,
        site=origin.site,
    )


def _object(line: bytes | str) -> Mapping[str, object]:
    try:
        content = orjson.loads(line if isinstance(line, str) or line.isascii() else text_of(line)[0])
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(f"not JSON ({error}); each line must be one JSON object.") from error
    except RecursionError as error:
        raise InvalidInputError("not readable: its lists and objects are nested too deeply.") from error
    if not isinstance(content, dict):
        raise InvalidInputError(f"is {_kind(content)}; each line must be one JSON object.")
    return content


def _submission(content: Mapping[str, object], origin: Line) -> Submission:
    report = _text(content, "report")
    error_type, message = _exception(content)
    frames = _frames(content)
    if report is None and error_type is None and message is None and not frames:
        raise InvalidInputError("has neither report nor exception nor frames; one of them must say what happened.")
    texts = {name: _text(content, name, numbers=True) or None for name in TEXTS}
    return Submission(
        report=report,
        exception_type=error_type,
        exception_message=message,
        frames=frames,
        id=texts["id"],
        timestamp=_timestamp(content),
        product=texts["product"] or origin.product,
        version=texts["version"] or origin.version,
        site=texts["site"] or origin.site,
        user=texts["user"],
        session=texts["session"],
        severity=_severity(content),
        environment=_environment(content),
        file_name=texts["file_name"] or origin.file_name,
        source=origin.source,
        file_hash=origin.file_hash,
        ordinal=origin.ordinal,
        format=origin.format,
    )


def _text(content: Mapping[str, object], name: str, where: str = "", *, numbers: bool = False) -> str | None:
    value = content.get(name)
    if value is None or isinstance(value, str):
        return value
    if not numbers or isinstance(value, bool) or not isinstance(value, int | float):
        _wrong(f"{where}{name}", value, "text")
    return str(value)


def _exception(content: Mapping[str, object]) -> tuple[str | None, str | None]:
    value = content.get("exception")
    if value is None:
        return None, None
    if not isinstance(value, dict):
        _wrong("exception", value, "an object with type and message")
    return _text(value, "type", "exception.") or None, _text(value, "message", "exception.") or None


def _frames(content: Mapping[str, object]) -> tuple[StackFrame, ...]:
    value = content.get("frames")
    if value is None:
        return ()
    if not isinstance(value, list):
        _wrong("frames", value, "a list of frames, innermost first")
    return tuple(_frame(one, f"frames[{index}]") for index, one in enumerate(value))


def _frame(value: object, where: str) -> StackFrame:
    if not isinstance(value, dict):
        _wrong(where, value, "an object with function, module, file, line and in_app")
    function, module = _text(value, "function", f"{where}."), _text(value, "module", f"{where}.")
    file, line, in_app = _text(value, "file", f"{where}."), value.get("line"), value.get("in_app")
    if line is not None and (isinstance(line, bool) or not isinstance(line, int)):
        _wrong(f"{where}.line", line, "a whole number")
    if in_app is not None and not isinstance(in_app, bool):
        _wrong(f"{where}.in_app", in_app, "true or false")
    if not function and not module and not file:
        raise InvalidInputError(f"{where} is empty; a frame needs at least a function, a module or a file.")
    return StackFrame(function or "", module or "", file, line, in_app)


def _timestamp(content: Mapping[str, object]) -> datetime | None:
    value = content.get("timestamp")
    if value is None:
        return None
    if not isinstance(value, str):
        _wrong("timestamp", value, "an ISO 8601 time such as 2026-01-31T12:00:00Z")
    try:
        return utc(value)
    except InvalidInputError as error:
        raise InvalidInputError(f"timestamp {error}") from error


def utc(text: str) -> datetime:
    """An ISO 8601 time as UTC; without a zone it is taken as UTC. Raises InvalidInputError for anything else."""
    stripped = text.strip()
    try:
        found = datetime.fromisoformat(stripped)
    except ValueError:
        try:
            found = dates.isoparse(stripped)
        except (ValueError, OverflowError) as error:
            shown = text[:NAME_LIMIT]
            raise InvalidInputError(f"{shown!r} is not an ISO 8601 time such as 2026-01-31T12:00:00Z.") from error
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"{text[:NAME_LIMIT]!r} is outside the years 1 to 9999.") from error


def _severity(content: Mapping[str, object]) -> str | None:
    value = _text(content, "severity")
    return severity.normalise(value) if value and value.strip() else None


def _environment(content: Mapping[str, object]) -> dict[str, str]:
    value = content.get("environment")
    if value is not None and not isinstance(value, dict):
        _wrong("environment", value, "an object of names and texts")
    found = {name: _told(one) for name, one in (value or {}).items() if one is not None}
    for name, one in content.items():
        if name not in NAMES and one is not None:
            found.setdefault(name, _told(one))
    return {name: text for name, text in found.items() if text}


def _told(value: object) -> str:
    """A value as text: texts and numbers as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()


def _kind(value: object) -> str:
    return type_names.get(type(value), "null")


def _wrong(name: str, value: object, expected: str) -> NoReturn:
    raise InvalidInputError(f"{name} is {_kind(value)}; expected {expected}.")
