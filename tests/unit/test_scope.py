"""Where a solution applies."""

from __future__ import annotations

import pytest

from graph.model.errors import InvalidInputError
from graph.model.scope import MOST_FACTS, check_scope, fits


def test_a_scope_is_sorted_and_without_duplicates() -> None:
    assert check_scope([" os = Windows ", "site=Ghent", "os=Windows"]) == ("os=Windows", "site=Ghent")
    assert check_scope([]) == ()


@pytest.mark.parametrize("fact", ["", "os", "os=", "=Windows", "colour=red", "environment_id=1", "os=" + "x" * 301])
def test_text_that_names_no_fact_is_refused(fact: str) -> None:
    with pytest.raises(InvalidInputError, match="scope"):
        check_scope([fact])


def test_a_scope_has_an_end() -> None:
    with pytest.raises(InvalidInputError, match="at most"):
        check_scope([f"site=s{number}" for number in range(MOST_FACTS + 1)])


@pytest.mark.parametrize(
    ("scope", "environment", "wanted"),
    [
        ((), {}, True),
        (("os=Windows",), {"os": "windows 11 23H2"}, True),
        (("version=9",), {"version": "9.2"}, True),
        (("version=9",), {"version": "90"}, False),
        (("site=Ghent", "site=Bruges"), {"site": "Bruges"}, True),
        (("site=Ghent", "os=Windows"), {"site": "Ghent"}, None),
        (("site=Ghent", "os=Windows"), {"site": "Antwerp"}, False),
    ],
)
def test_an_environment_is_inside_outside_or_undecided(
    scope: tuple[str, ...], environment: dict[str, str], wanted: bool | None
) -> None:
    assert fits(scope, environment) is wanted
