"""Versions in the order they were released."""

import pytest

from graph.ingest.environment import environment_of, ordered


@pytest.mark.parametrize(
    "oldest_first",
    [
        ["1.0", "1.2", "1.10", "2.0rc1", "2.0"],
        ["2022r13.000.023", "2023r7.001.002", "2023r10.000.059e", "2024r1.000.000a", "2024r1.000.001"],
        ["2024-04-02", "2024-11-25", "2025-01-01"],
        ["build-9", "build-10"],
    ],
)
def test_versions_are_ordered_as_released(oldest_first: list[str]) -> None:
    assert ordered(reversed(oldest_first)) == oldest_first


def test_nothing_known_is_no_environment() -> None:
    assert environment_of(None, None, None, {}, {}) is None


def test_facts_without_a_property_are_kept() -> None:
    made = environment_of("shop", None, None, {"cpu": "arm64"}, {"locale": "nl"})
    assert made is not None
    assert made.extra == ("cpu=arm64", "locale=nl")
