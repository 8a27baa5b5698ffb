"""Cursors encode a position; search text never becomes query syntax."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model.errors import InvalidInputError, LimitError
from resolvers.cursors import COUNT_START, SCORE_START, TIME_START, Position, check_first, encode, position_after
from resolvers.filters import CrashFilter, PatternFilter, fulltext_query

NOW = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "at"), [(TIME_START, NOW), (COUNT_START, 0), (COUNT_START, 2**62), (SCORE_START, 0.25), (SCORE_START, 1)]
)
def test_a_cursor_round_trips_its_position(start: Position, at: datetime | float) -> None:
    position = Position(at, "kéy/½")
    assert position_after(encode("things", position), "things", start) == position


def test_without_a_cursor_a_page_starts_at_the_beginning() -> None:
    assert position_after(None, "things", COUNT_START) == COUNT_START


def forged(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "zz",
        "%%%",
        "é",
        "A" * 5000,
        forged([]),
        forged({"at": 1}),
        forged(["others", 1, "k"]),
        forged(["things", "1", "k"]),
        forged(["things", True, "k"]),
        forged(["things", None, "k"]),
        forged(["things", 1.5, "k"]),
        forged(["things", 2**70, "k"]),
        forged(["things", 1, 2]),
        forged(["things", 1, "k", 0]),
    ],
)
def test_an_invalid_cursor_is_refused_with_the_name_of_its_listing(cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a cursor of things"):
        position_after(cursor, "things", COUNT_START)


@pytest.mark.parametrize("at", ["soon", "2026-03-01T12:00:00", 5])
def test_a_cursor_with_an_invalid_time_is_refused(at: object) -> None:
    with pytest.raises(InvalidInputError, match="things"):
        position_after(forged(["things", at, "k"]), "things", TIME_START)


@given(st.text())
def test_any_text_as_cursor_is_either_valid_or_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        position_after(text, "things", SCORE_START)


def test_page_sizes_are_bounded() -> None:
    assert check_first(1) == 1
    assert check_first(100) == 100
    with pytest.raises(InvalidInputError, match="first: 0"):
        check_first(0)
    with pytest.raises(LimitError, match="first: 101"):
        check_first(101)


@given(st.text(max_size=200))
def test_search_text_never_becomes_query_syntax(text: str) -> None:
    try:
        words = fulltext_query(text)
    except InvalidInputError:
        return
    for word in words.split(" AND "):
        assert word.startswith("*")
        assert word.endswith("*")
        assert word[1:-1].replace("_", "a").isalnum()


def test_a_search_without_a_word_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no letter or digit"):
        fulltext_query(" >> ")
    with pytest.raises(InvalidInputError, match="at most 200"):
        fulltext_query("x" * 201)


@pytest.mark.parametrize(
    ("filter", "named"),
    [
        (CrashFilter(severities=("severe",)), "critical, high, medium, low"),
        (CrashFilter(statuses=("open",)), "matched, unparsed, muted"),
        (PatternFilter(statuses=("matched",)), "open, resolved, ignored, regressed"),
        (PatternFilter(since=datetime(2026, 1, 1)), "time zone"),  # noqa: DTZ001  # the missing zone is the point
    ],
)
def test_an_invalid_filter_value_is_refused(filter: CrashFilter | PatternFilter, named: str) -> None:
    with pytest.raises(InvalidInputError, match=named):
        filter.params()
