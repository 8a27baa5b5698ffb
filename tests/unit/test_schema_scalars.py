"""Times in documents and variables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.model.errors import InvalidInputError
from resolvers.knowledge import MOST_DAYS, revalidation_candidates
from schema.build import build_schema
from schema.scalars import DATE_TIME

ECHO = "query($t: DateTime) { crashes(first: 1, filter: {since: $t}) { nodes { id } } }"
EDGES = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T24:00:00Z",
    "2026-13-01T00:00:00Z",
    "yesterday",
    "",
]


def test_a_time_is_read_as_utc() -> None:
    parse = DATE_TIME.parse_value
    assert parse is not None
    assert parse("2026-01-01T00:30:00+01:00") == datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    assert parse("2026-01-01T00:30:00+01:00").tzinfo is UTC
    assert parse("2026-01-01T00:30:00").tzinfo is None, "the field says that the zone is missing"


@pytest.mark.parametrize("text", EDGES)
async def test_a_time_outside_the_calendar_is_an_invalid_query(text: str) -> None:
    for query, variables in ((ECHO, {"t": text}), (ECHO.replace("($t: DateTime)", "").replace("$t", f'"{text}"'), None)):
        result = await build_schema().execute(query, variables)
        assert result.errors is not None
        (error,) = result.errors
        assert error.extensions == {"code": "INVALID_QUERY"}, error
        assert "DateTime" in error.message


@pytest.mark.parametrize("days", [-1.0, MOST_DAYS + 1.0, 1e10, 1e300])
async def test_days_beyond_the_calendar_are_refused(days: float) -> None:
    with pytest.raises(InvalidInputError, match="days"):
        await revalidation_candidates(None, days=days)  # type: ignore[arg-type]  # refused before the graph is asked
