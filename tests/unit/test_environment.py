"""Versions in the order they were released, and environments."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.algorithms.version_order import order_text, ordered, version_key
from graph.model.environment import IDENTITY, environment_of, other_facts
from graph.model.nodes import Environment


@pytest.mark.parametrize(
    "oldest_first",
    [
        ["1.0", "1.2", "1.10", "2.0rc1", "2.0"],
        ["1.9", "1.10"],
        ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1"],
        ["v1.2-rc1", "v1.2-rc2", "v1.2", "v1.2.1", "v1.10"],
        ["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1.dev0", "1.1"],
        ["1.2-SNAPSHOT", "1.2.M1", "1.2.RC1", "1.2.Final", "1.2.1.Final"],
        ["2022r13.000.023", "2023r7.001.002", "2023r10.000.059e", "2024r1.000.000a", "2024r1.000.001"],
        ["2024r1", "2024r1.000.001", "2024r1.000.001a", "2024r1.000.002", "2024r2"],
        ["2024-04-02", "2024-11-25", "2025-01-01"],
        ["2025.12", "2026.01", "2026.01.1", "2026.2", "2026.11"],
        ["20251231", "20260101", "20260131"],
        ["2025.12.31", "20260101", "2026-01-02", "20260103101112", "2026.02"],
        ["build-9", "build-10"],
        ["1.0.2", "1.0.2a", "1.0.2k", "1.0.3"],
        ["10.0.9200", "10.0.19045", "10.0.22631"],
        ["2.4", "1!1.0"],
        ["v1.0", "v1.0-3-gabcdef0", "v1.0-12-g1234567", "v1.1"],
        ["release-9", "Release 10", "version 11"],
        ["1.0", "1.0+build.5", "1.0.1"],
        ["4.0.0-preview.1", "4.0.0-rc.2", "4.0.0"],
        ["9" * 5000, "1" + "0" * 5000],
    ],
    ids=lambda versions: versions[0][:20],
)
def test_versions_sort_in_release_order(oldest_first: list[str]) -> None:
    assert ordered(reversed(oldest_first)) == oldest_first
    for older, newer in combinations(oldest_first, 2):
        assert version_key(older) < version_key(newer)


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0.0"), ("v1.2", "1.2"), ("1.0.Final", "1.0"), ("1.0RC1", "1.0.0-rc.1")])
def test_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert version_key(one) == version_key(other)


@given(st.lists(st.text(max_size=12)))
def test_any_texts_have_a_total_order(texts: list[str]) -> None:
    assert ordered(texts) == ordered(reversed(texts))
    assert set(ordered(texts)) == set(texts)


def test_no_facts_are_no_environment() -> None:
    assert environment_of(None, None, None, {}) is None


def test_facts_outside_the_identity_are_kept_and_identify_nothing() -> None:
    facts = {"cpu": "arm64", "locale": "nl", "os": "Linux"}
    assert environment_of("shop", None, None, facts) == environment_of("shop", None, None, {"os": "Linux"})
    assert environment_of(None, None, None, {"cpu": "arm64"}) is None
    assert other_facts(facts) == ("cpu=arm64", "locale=nl")
    assert other_facts({"os": "Linux"}) is None


def test_every_identifying_fact_makes_another_environment() -> None:
    ids = set()
    for name in IDENTITY:
        place = {key: "x" if key == name else None for key in ("product", "version", "site")}
        made = environment_of(**place, facts={name: "x"})
        assert made is not None
        assert getattr(made, name) == "x"
        ids.add(made.environment_id)
    assert len(ids) == len(IDENTITY)


def test_ids_of_environments_stay_the_same() -> None:
    """Stored environments keep their ids from release to release."""
    made = environment_of("shop", "1.2", "north", {"os": "Linux", "runtime": "Python 3.11"})
    assert made == Environment(
        environment_id="6b87997960abee8dcf79c65d",
        title="shop 1.2 at north",
        product="shop",
        version="1.2",
        site="north",
        os="Linux",
        runtime="Python 3.11",
    )


@given(
    st.lists(st.from_regex(r"(v|release-)?[0-9]{1,12}([.\-_+][0-9a-zA-Z]{1,9}){0,5}", fullmatch=True), min_size=2, max_size=2)
)
def test_the_sort_key_sorts_like_the_order(pair: list[str]) -> None:
    first, second = pair
    assert (order_text(first) < order_text(second)) == (version_key(first) < version_key(second))
    assert (order_text(first) == order_text(second)) == (version_key(first) == version_key(second))
