"""Similarities are in 0..1 and behave as their sources say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.algorithms.similarity import Likeness, overlap, stack_similarity, vote

STACKS = st.lists(st.sampled_from("abcdefgh"), max_size=20)


@given(STACKS, STACKS)
@pytest.mark.slow
def test_stack_similarity_is_bounded_and_symmetric(a: list[str], b: list[str]) -> None:
    assert 0 <= stack_similarity(a, b) <= 1
    assert stack_similarity(a, b) == pytest.approx(stack_similarity(b, a))


@given(STACKS)
def test_a_stack_is_like_itself(a: list[str]) -> None:
    assert stack_similarity(a, a) == pytest.approx(1.0)


def test_top_frames_count_more() -> None:
    stack = list("abcd")
    assert stack_similarity(stack, ["a", "b", "c", "x"]) > stack_similarity(stack, ["x", "b", "c", "d"])


def test_order_matters() -> None:
    assert stack_similarity(list("ab"), list("ba")) < 1


def test_overlap_is_dice() -> None:
    assert overlap(frozenset("ab"), frozenset("bc")) == pytest.approx(0.5)
    assert overlap(frozenset(), frozenset()) == 1.0
    assert overlap(frozenset("a"), frozenset()) == 0.0


def test_another_error_type_halves_the_rest() -> None:
    same = Likeness(error_type=1, message=1, frames=1, meaning=1)
    other = Likeness(error_type=0, message=1, frames=1, meaning=1)
    assert same.combined() == pytest.approx(1.0)
    assert other.combined() == pytest.approx(0.5)


def test_the_best_group_wins_and_a_rival_takes_confidence() -> None:
    assert vote([0.9, 0.2], ["a", "b"])[0] == "a"
    alone = vote([0.9, 0.9], ["a", "a"])[1]
    contested = vote([0.9, 0.88], ["a", "b"])[1]
    assert alone == pytest.approx(0.9)
    assert 0.9 * 0.8 <= contested < alone


def test_no_neighbours_cannot_vote() -> None:
    with pytest.raises(ValueError, match="no neighbours"):
        vote([], [])
