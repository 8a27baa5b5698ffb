"""Normalise Sentry events to the shape of the protocol, including exports of Sentry's own interface.

Any value may have any type; a value of an unexpected type counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Event: TypeAlias = Mapping[str, Any]
"""An event in the shape of the protocol."""

EMPTY: Event = {}
# Export field names and their protocol names.
FRAME_NAMES = {
    "absPath": "abs_path",
    "lineNo": "lineno",
    "inApp": "in_app",
    "instructionAddr": "instruction_addr",
    "addrMode": "addr_mode",
}
THREAD_NAMES = {"threadId": "thread_id"}


def event_in(content: object) -> Event | None:
    """Find the event in a JSON value and return it in the shape of the protocol; ``None`` if it holds none.

    A notification holds its event under ``event``, possibly below ``data``.
    """
    candidate = mapping(content)
    for _ in range(2):
        if _is_exported(candidate):
            return _from_export(candidate)
        if _is_event(candidate):
            return candidate
        candidate = mapping(candidate.get("event")) or mapping(candidate.get("data"))
    return _from_export(candidate) if _is_exported(candidate) else candidate if _is_event(candidate) else None


def _is_exported(content: Event) -> bool:
    return isinstance(content.get("entries"), list) and ("eventID" in content or "platform" in content)


def _is_event(content: Event) -> bool:
    """Whether an object is an event; crashgraph's own JSON has ``type`` directly below ``exception``."""
    has_metadata = any(name in content for name in ("event_id", "platform", "level", "release", "sdk"))
    exceptions = exceptions_of(content)
    if exceptions and has_metadata:
        single = mapping(content.get("exception"))
        return not single or "values" in single or "value" in single or "stacktrace" in single
    return "event_id" in content and any(
        name in content for name in ("exception", "message", "logentry", "threads", "stacktrace", "type", "level")
    )


def exceptions_of(content: Event) -> list[Event]:
    """Exceptions of an event, the caught one last; old clients send a bare list or a single object."""
    return values(content.get("exception", content.get("sentry.interfaces.Exception")))


def _from_export(content: Event) -> Event:
    """Convert an exported event to the shape of the protocol."""
    entries = {text(entry.get("type")): entry.get("data") for entry in values(content.get("entries"))}
    release = content.get("release")
    return {
        "event_id": content.get("eventID") or content.get("id"),
        "timestamp": content.get("dateCreated") or content.get("dateReceived"),
        "release": mapping(release).get("version") or release,
        "exception": {"values": [_thread(entry) for entry in values(entries.get("exception"))]},
        "threads": {"values": [_thread(entry) for entry in values(entries.get("threads"))]},
        "stacktrace": _stacktrace(entries.get("stacktrace")),
        "debug_meta": entries.get("debugmeta"),
        "logentry": entries.get("message") or content.get("message") or content.get("title"),
        "level": text(content.get("level")) or tags(content).get("level"),
        "environment": text(content.get("environment")) or tags(content).get("environment"),
        "server_name": tags(content).get("server_name"),
        **{name: content.get(name) for name in ("platform", "dist", "contexts", "user", "tags", "sdk", "type", "fingerprint")},
    }


def _thread(entry: Event) -> Event:
    """Convert an exception or thread."""
    return {**_renamed(entry, THREAD_NAMES), "stacktrace": _stacktrace(entry.get("stacktrace"))}


def _stacktrace(content: object) -> Event:
    return {"frames": [_renamed(frame, FRAME_NAMES) for frame in values(mapping(content).get("frames"))]}


def _renamed(entry: Event, names: Mapping[str, str]) -> Event:
    return {names.get(name, name): value for name, value in entry.items()}


def mapping(content: object) -> Event:
    """The object itself, or an empty one for any other type."""
    return content if isinstance(content, Mapping) else EMPTY


def values(content: object) -> list[Event]:
    """Objects of a list, or of the list under ``values``, or the single object."""
    if isinstance(content, Mapping):
        listed = content.get("values", [content])
        return values(listed) if isinstance(listed, list) else []
    return [item for item in content if isinstance(item, Mapping)] if isinstance(content, list) else []


def text(content: object) -> str:
    """A string, stripped, or a number as text; empty for any other type."""
    if isinstance(content, str):
        return content.strip()
    return str(content) if isinstance(content, int | float) and not isinstance(content, bool) else ""


def whole(content: object) -> int | None:
    """A non-negative integer of at most 31 bits, also from a decimal string; ``None`` for anything else."""
    if isinstance(content, str) and content.isdecimal() and len(content) < 10:
        content = int(content)
    if isinstance(content, bool) or not isinstance(content, int):
        return None
    return content if 0 <= content < 1 << 31 else None


def tags(content: Event) -> dict[str, str]:
    """Tags, given as an object, as pairs, or as objects with ``key`` and ``value``."""
    tagged = content.get("tags")
    pairs = tagged.items() if isinstance(tagged, Mapping) else _pairs(tagged)
    return {text(key): text(value) for key, value in pairs if text(key) and text(value)}


def _pairs(tagged: object) -> Iterator[tuple[object, object]]:
    for tag in tagged if isinstance(tagged, list) else []:
        if isinstance(tag, list) and len(tag) == 2:
            yield tag[0], tag[1]
        elif isinstance(tag, Mapping):
            yield tag.get("key"), tag.get("value")
