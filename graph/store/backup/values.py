"""Property values as JSON and back, without loss: what JSON lacks is tagged with its type."""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC
from struct import pack, unpack
from typing import Any

import pytz  # type: ignore[import-untyped]  # it has no types; the driver's times have its zones
from neo4j.time import Date, DateTime, Duration, Time

from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted

TYPE, VALUE = "$type", "value"
PACKED_FROM = 16
"""Length from which a list of floats, such as an embedding, is packed."""
_TIMES: Mapping[str, type[DateTime | Date | Time]] = {"datetime": DateTime, "date": Date, "time": Time}


def encoded(value: Any) -> Any:
    """A property value as JSON. ``InvalidInputError`` for a type that no crashgraph writes."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {TYPE: "float", VALUE: repr(value)}
    if isinstance(value, list):
        if len(value) >= PACKED_FROM and all(isinstance(one, float) for one in value):
            return {TYPE: "floats", VALUE: b64encode(pack(f"<{len(value)}d", *value)).decode("ascii")}
        return [encoded(one) for one in value]
    if isinstance(value, bytes | bytearray):
        return {TYPE: "bytes", VALUE: b64encode(value).decode("ascii")}
    if isinstance(value, Duration):
        return {TYPE: "duration", VALUE: [value.months, value.days, value.seconds, value.nanoseconds]}
    for name, kind in _TIMES.items():
        if isinstance(value, kind):
            return {TYPE: name, VALUE: value.iso_format(), **_zone(value)}
    raise InvalidInputError(f"a property of type {type(value).__name__} cannot be backed up; `--offline` copies Neo4j's files")


def _zone(value: DateTime | Date | Time) -> dict[str, str]:
    """The name of a zone that is not an offset. The driver reads offset 0 as the zone UTC, and would write its name."""
    tz = getattr(value, "tzinfo", None)
    name = getattr(tz, "zone", None)
    return {"zone": name} if name and tz is not pytz.UTC else {}


def decoded(value: Any) -> Any:
    """The property value of :func:`encoded`."""
    if isinstance(value, list):
        return [decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind, given = value[TYPE], value[VALUE]
    if kind == "float":
        return float(given)
    if kind == "floats":
        raw = b64decode(given)
        return list(unpack(f"<{len(raw) // 8}d", raw))
    if kind == "bytes":
        return b64decode(given)
    if kind == "duration":
        months, days, seconds, nanoseconds = given
        return Duration(months=months, days=days, seconds=seconds, nanoseconds=nanoseconds)
    if kind in _TIMES:
        return _in_zone(_TIMES[kind].from_iso_format(given), value.get("zone"))
    raise InvalidInputError(f"the backup has a value of the unknown type {quoted(kind)}; restore it with a newer crashgraph")


def _in_zone(value: Any, zone: str | None) -> Any:
    if zone is not None:
        return value.as_timezone(pytz.timezone(zone))
    # Python's own UTC has no name, so that the driver writes an offset.
    return value.replace(tzinfo=UTC) if getattr(value, "tzinfo", None) is pytz.UTC else value
