"""Texts that people type into a search, as words and as a full-text query."""

from __future__ import annotations

import re

import pytest

from graph.model.errors import InvalidInputError
from resolvers.search import MOST_WORDS, Hit, MatchedBy, coverage, lucene_query, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Shop 1.1  shop", ["shop", "1.1"]),
        ("KeyError: 'total' in shop.total", ["keyerror", "total", "in", "shop.total"]),
        ("AND OR NOT", ["and", "or", "not"]),
        ("...a..b.", ["a", "b"]),
    ],
)
def test_words_are_in_lower_case_and_keep_their_dots(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize("text", ["", " ", '"(~*', "x" * 201])
def test_a_text_without_words_and_a_long_one_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="text"):
        words_of(text)


@pytest.mark.parametrize(
    "text", ['a" OR *:* \\', "NOT (x AND y)^9~", "field:[a TO z] && !b || c/d/", " ".join(f"w{i}" for i in range(40))]
)
def test_a_query_has_no_syntax_of_the_text(text: str) -> None:
    query = lucene_query(words_of(text))
    bare = re.sub(r" OR |\^4|[()*]", " ", query)
    assert re.fullmatch(r"[\w. ]*", bare)
    assert bare == bare.lower()
    assert len(words_of(text)) <= MOST_WORDS


def test_a_whole_word_is_worth_more_than_a_part_of_one() -> None:
    whole, start, part = (coverage(["shop"], text) for text in ("the shop", "shopping", "workshops"))
    assert 1 == whole > start > part > 0
    assert coverage(["shop", "till"], "the shop") == 0.5
    assert 0 < coverage(["shop.total"], "total of the shop") < coverage(["shop.total"], "in shop.total")


def test_a_second_way_helps_a_little_and_never_beats_an_exact_id() -> None:
    hit = Hit("Pattern:a", 0.6, (MatchedBy.WORDS,))
    hit.also(0.8, MatchedBy.MEANING)
    assert 0.8 < hit.score < 0.99
    assert hit.matched_by == (MatchedBy.WORDS, MatchedBy.MEANING)
    exact = Hit("Pattern:b", 1.0, (MatchedBy.ID,))
    exact.also(0.9, MatchedBy.WORDS)
    assert exact.score == 1.0
