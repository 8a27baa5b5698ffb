"""Build the report of a Sentry event, or give the reason why the event is not a crash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.native.blame import PLATFORM as NATIVE
from graph.parsing.native.blame import blame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.sentry.context import environment_of, extra_of
from graph.parsing.sentry.frames import frames_of, platform_of
from graph.parsing.sentry.shape import Event, exceptions_of, mapping, tags, text, values
from graph.rules import severity
from graph.rules.culprit import culprit

FORMAT = "sentry"
CAUSES_LIMIT = 100
CRASH_LEVELS = frozenset({"", "error", "fatal", "critical", "crash"})
"""Levels at which a message without an exception is a crash; Sentry treats a missing level as an error."""
ERROR_TYPES = frozenset({"", "error", "default"})
"""Event types of errors."""
QUALIFYING_PLATFORMS = frozenset({"python", "java"})
"""Platforms that qualify exception types with their module."""
PLAIN_MODULES = frozenset({"", "builtins", "exceptions", "__main__"})


@dataclass(frozen=True, slots=True)
class EventMetadata:
    """Metadata set by the sender of an event."""

    id: str | None
    at: datetime | None
    product: str | None
    version: str | None
    site: str | None
    user: str | None


def metadata_of(event: Event) -> EventMetadata:
    """Read sender, time and place; a release is ``product@version``, or the version alone."""
    tagged = tags(event)
    product, at, version = text(event.get("release"))[:NAME_LIMIT].rpartition("@")
    user = mapping(event.get("user"))
    names = ("id", "email", "username", "ip_address")
    return EventMetadata(
        id=text(event.get("event_id")).replace("-", "")[:NAME_LIMIT] or None,
        at=_moment(event.get("timestamp")),
        product=tagged.get("product", "")[:NAME_LIMIT] or (product if at else "") or None,
        version=version or None,
        site=(tagged.get("site") or text(event.get("environment")))[:NAME_LIMIT] or None,
        user=next((text(user.get(name)) for name in names if text(user.get(name))), "")[:NAME_LIMIT] or None,
    )


def skip_reason(event: Event) -> str | None:
    """Why an event is not a crash: its type, or ``message``; ``None`` if it is a crash."""
    kind = text(event.get("type")).lower()
    if kind not in ERROR_TYPES:
        return kind[:40]
    if exceptions_of(event) or _crashed_thread(event):
        return None
    return (
        None if text(event.get("level")).lower() in CRASH_LEVELS and (_message(event) or event.get("stacktrace")) else "message"
    )


def report_of(event: Event, span: tuple[int, int], *, truncated: bool = False) -> ParsedReport | None:
    """Build the report of an event; ``None`` if it is not a crash."""
    if skip_reason(event) is not None:
        return None
    chain = exceptions_of(event)[-CAUSES_LIMIT:]
    error = _outermost(chain)
    platform = platform_of(text(event.get("platform")), _raw_frames(error))
    error_type, message = _type_and_message(error, platform)
    frames = frames_of(error.get("stacktrace"), platform) or _frames_elsewhere(event, error, platform)
    if not error_type:
        error_type = text(event.get("logger"))[:NAME_LIMIT] or "Error"
    metadata = metadata_of(event)
    message = (message or _message(event))[:MESSAGE_LIMIT]
    return ParsedReport(
        format=FORMAT,
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=blame(frames, error_type) if platform == NATIVE else culprit(frames, platform),
        causes=tuple(_causes(chain, error, platform)),
        occurred_at=metadata.at,
        severity=_severity(event, error_type, message),
        product=metadata.product,
        version=metadata.version,
        site=metadata.site,
        user=metadata.user,
        environment=environment_of(event),
        extra=extra_of(event, error),
        span=span,
        truncated=truncated,
        platform=platform,
    )


def _outermost(chain: Sequence[Event]) -> Event:
    """The exception that was caught: number 0 if they are numbered, else the last."""
    numbered = (exception for exception in chain if mapping(exception.get("mechanism")).get("exception_id") == 0)
    return next(numbered, chain[-1] if chain else {})


def _raw_frames(exception: Event) -> list[Event]:
    return values(mapping(exception.get("stacktrace")).get("frames"))


def _type_and_message(exception: Event, platform: str) -> tuple[str, str]:
    """Type and message in the spelling of the platform's own reports."""
    kind, module = text(exception.get("type"))[:NAME_LIMIT], text(exception.get("module"))[:NAME_LIMIT]
    if platform in QUALIFYING_PLATFORMS and kind and module not in PLAIN_MODULES and not kind.startswith(f"{module}."):
        kind = f"{module}.{kind}"
    return kind, text(exception.get("value"))[:MESSAGE_LIMIT]


def _causes(chain: Sequence[Event], error: Event, platform: str) -> list[Cause]:
    """The other exceptions, nearest first: in the order of their numbers, else an event lists the nearest last."""
    numbers = [mapping(exception.get("mechanism")).get("exception_id") for exception in chain]
    if all(isinstance(number, int) for number in numbers):
        chain = sorted(chain, key=lambda one: -int(mapping(one.get("mechanism"))["exception_id"]))
    return [
        Cause(_relation(exception), *_type_and_message(exception, platform), frames_of(exception.get("stacktrace"), platform))
        for exception in reversed(chain)
        if exception is not error
    ]


def _relation(exception: Event) -> str:
    source = text(mapping(exception.get("mechanism")).get("source"))
    if source == "__context__":
        return "context"
    if source.startswith("suppressed"):
        return "suppressed"
    return "member" if source.endswith("]") else "cause"


def _crashed_thread(event: Event) -> Event:
    """The crashed thread, or an empty object."""
    threads = values(event.get("threads"))
    return next((thread for thread in threads if thread.get("crashed") is True), {})


def _frames_elsewhere(event: Event, error: Event, platform: str) -> tuple[StackFrame, ...]:
    """Frames for an error without any: from its thread, the crashed thread, or the event."""
    threads = values(event.get("threads"))
    number = error.get("thread_id")
    own = [source for source in threads if number is not None and source.get("id") == number]
    sources = [
        *own,
        _crashed_thread(event),
        *(source for source in threads if source.get("current") is True and len(threads) == 1),
        event,
    ]
    return next((frames for source in sources if (frames := frames_of(source.get("stacktrace"), platform))), ())


def _message(event: Event) -> str:
    """Message of the event with its parameters filled in."""
    message = event.get("logentry") or event.get("sentry.interfaces.Message") or event.get("message")
    if isinstance(message, str):
        return text(message)
    entry = mapping(message)
    return text(entry.get("formatted")) or text(entry.get("message")) or text(event.get("message"))


def _severity(event: Event, error_type: str, message: str) -> str:
    """Severity by level, except for ``error``, which every exception has."""
    level = text(event.get("level")).lower()
    if level in {"fatal", "critical", "warning", "info", "debug"}:
        return severity.normalise(level)
    return severity.infer(error_type, message)


def _moment(value: object) -> datetime | None:
    """Parse seconds since 1970 or ISO 8601; a time without a zone is UTC, as in the protocol."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(text(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
