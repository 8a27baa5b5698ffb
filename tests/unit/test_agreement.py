"""Agreement of a grouping with the truth, against the definitions over all pairs of items."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.algorithms.agreement import Agreement, bcubed, pairwise

LABELS = st.integers(0, 6)
GROUPINGS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=40).map(lambda rows: tuple(zip(*rows, strict=True)))


def slow_bcubed(predicted: Sequence[int], truth: Sequence[int]) -> tuple[float, float]:
    items = range(len(truth))
    precisions, recalls = [], []
    for one in items:
        mates = [other for other in items if predicted[other] == predicted[one]]
        siblings = [other for other in items if truth[other] == truth[one]]
        common = len(set(mates) & set(siblings))
        precisions.append(common / len(mates))
        recalls.append(common / len(siblings))
    return sum(precisions) / len(items), sum(recalls) / len(items)


def slow_pairwise(predicted: Sequence[int], truth: Sequence[int]) -> tuple[float, float]:
    pairs = list(combinations(range(len(truth)), 2))
    claimed = {pair for pair in pairs if predicted[pair[0]] == predicted[pair[1]]}
    true = {pair for pair in pairs if truth[pair[0]] == truth[pair[1]]}
    agreed = len(claimed & true)
    return (agreed / len(claimed) if claimed else 1.0, agreed / len(true) if true else 1.0)


@given(GROUPINGS)
def test_bcubed_equals_its_definition(grouping: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    found = bcubed(*grouping)
    precision, recall = slow_bcubed(*grouping)
    assert (found.precision, found.recall) == pytest.approx((precision, recall))
    assert found.f1 == pytest.approx(2 * precision * recall / (precision + recall))


@given(GROUPINGS)
def test_pairwise_equals_its_definition(grouping: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    found = pairwise(*grouping)
    assert (found.precision, found.recall) == slow_pairwise(*grouping)


@given(GROUPINGS)
def test_exchanging_the_two_exchanges_precision_and_recall(grouping: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    there, back = bcubed(*grouping), bcubed(*reversed(grouping))
    assert (there.precision, there.recall) == pytest.approx((back.recall, back.precision))


@given(st.lists(LABELS, max_size=30))
def test_names_of_groups_do_not_matter(truth: list[int]) -> None:
    renamed = [f"pattern {label}" for label in truth]
    assert bcubed(renamed, truth) == pairwise(renamed, truth) == Agreement(1.0, 1.0, 1.0)


def test_one_group_for_all_and_one_for_each() -> None:
    truth = ["a"] * 6 + ["b"] * 2
    together, apart = bcubed([0] * 8, truth), bcubed(range(8), truth)
    assert together.precision == pytest.approx((36 + 4) / 64)
    assert together.recall == 1.0
    assert apart.precision == 1.0
    assert apart.recall == pytest.approx(2 / 8)
    assert pairwise(range(8), truth) == Agreement(1.0, 0.0, 0.0)


def test_labels_must_be_given_for_every_item() -> None:
    with pytest.raises(ValueError, match="2 predicted labels for 3 true ones"):
        bcubed([1, 2], [1, 2, 3])


@pytest.mark.timeout(20)
def test_half_a_million_items_in_many_groups_take_seconds() -> None:
    count = 500_000
    found = bcubed([item // 3 for item in range(count)], [item // 6 for item in range(count)])
    assert found.precision == pytest.approx(1.0, abs=1e-4)
    assert found.recall == pytest.approx(0.5, abs=1e-4)
