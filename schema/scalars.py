"""Scalars that differ from strawberry's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import dateutil.parser
from strawberry.scalars import JSON
from strawberry.schema.types.base_scalars import DateTimeDefinition, wrap_parser
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY


def _time(text: str) -> datetime:
    """The time in UTC; without a time zone as it is, so that the field can say what is missing."""
    try:
        time = dateutil.parser.isoparse(text)
        return time if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise ValueError("In UTC it is outside the years 1 to 9999.") from None


DATE_TIME = replace(DateTimeDefinition, parse_value=wrap_parser(_time, "DateTime"))
"""Times as ISO 8601, in UTC: Cypher orders equal moments by zone."""

JSON_VALUE = replace(DEFAULT_SCALAR_REGISTRY[JSON], description="Any JSON value.", specified_by_url=None)
"""JSON, without the outside address in its description."""
