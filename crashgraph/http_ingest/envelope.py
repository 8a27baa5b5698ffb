"""Sentry envelopes: a header, followed by items, each with a header and a payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.model.errors import InvalidInputError
from graph.model.outside_json import read_json

KINDS = frozenset(
    {
        "transaction", "session", "sessions", "client_report", "attachment", "profile", "profile_chunk", "check_in",
        "replay_event", "replay_recording", "replay_video", "log", "feedback", "user_report", "span", "statsd",
        "metric_buckets", "trace_metric", "raw_security", "nel", "otel_log", "unreal_report", "form_data",
    }
)  # fmt: skip
"""Item types of the protocol besides ``event``; they are accepted and discarded."""
ITEMS_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class EnvelopeItem:
    """One item; ``number`` starts at 1."""

    number: int
    kind: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """One envelope; its header may contain ``event_id`` and ``dsn``."""

    header: Mapping[str, Any]
    items: tuple[EnvelopeItem, ...]


def read_envelope(data: bytes) -> Envelope:
    """Parse an envelope; ``InvalidInputError`` names the defect and its place."""
    line, position = _line(data, 0)
    header = _object(line, "its first line, the header,")
    return Envelope(header, tuple(_items(data, position)))


def _items(data: bytes, position: int) -> Iterator[EnvelopeItem]:
    number = 0
    while position < len(data):
        line, position = _line(data, position)
        if not line.strip():
            continue
        number += 1
        if number > ITEMS_LIMIT:
            raise InvalidInputError(f"the envelope has more than {ITEMS_LIMIT:,} items; split it")
        header = _object(line, f"the header of item {number}")
        kind = header.get("type")
        if not isinstance(kind, str):
            raise InvalidInputError(f"the envelope is broken: the header of item {number} has no type")
        payload, position = _payload(data, position, header, number)
        yield EnvelopeItem(number, kind, payload)


def _payload(data: bytes, position: int, header: Mapping[str, Any], number: int) -> tuple[bytes, int]:
    """The payload, of the announced length or up to the end of the line, and the start of the next item."""
    length = header.get("length")
    if length is None:
        return _line(data, position)
    if isinstance(length, bool) or not isinstance(length, int) or length < 0:
        raise InvalidInputError(f"the envelope is broken: the length of item {number} is not a number of bytes")
    end = position + length
    if end > len(data):
        available = len(data) - position
        raise InvalidInputError(f"the envelope is broken: item {number} announces {length:,} bytes but has {available:,}")
    if end < len(data) and data[end : end + 1] != b"\n":
        raise InvalidInputError(f"the envelope is broken: item {number} does not end after the announced {length:,} bytes")
    return data[position:end], end + 1


def _line(data: bytes, position: int) -> tuple[bytes, int]:
    end = data.find(b"\n", position)
    return (data[position:], len(data)) if end < 0 else (data[position:end], end + 1)


def _object(line: bytes, part: str) -> Mapping[str, Any]:
    content = read_json(line, f"the envelope is broken: {part}")
    if not isinstance(content, dict):
        raise InvalidInputError(f"the envelope is broken: {part} is not a JSON object")
    return content
