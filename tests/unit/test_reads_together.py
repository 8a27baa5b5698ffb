"""Several queries as one statement."""

from __future__ import annotations

import pytest

from graph.cypher import load
from graph.cypher.together import returns_one_list, together
from graph.model.statement import Statement

FIRST = "// Answers: a. Takes $ids.\nUNWIND $ids AS id\nRETURN collect({id: id, text: '$ids // no'}) AS rows"
SECOND = "MATCH (n) WHERE n.key IN $ids\nRETURN collect(n {.*}) AS rows"


def test_parameters_are_renamed_and_strings_kept() -> None:
    one = together([Statement(FIRST, {"ids": [1]}, "a", 30), Statement(SECOND, {"ids": [2]}, "b", 30)])
    assert one.params == {"ids_0": [1], "ids_1": [2]}
    assert "UNWIND $ids_0 AS id" in one.text
    assert "'$ids // no'" in one.text
    assert "Answers" not in one.text
    assert one.text.endswith("RETURN rows0, rows1")
    assert one.seconds == 30


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n)\nRETURN n AS rows",
        "MATCH (n)\nRETURN collect(n) AS rows, count(*) AS count",
        "MATCH (n)\nRETURN collect(n) + collect(n) AS rows",
        "MATCH (n)\nRETURN collect(n) AS rows\nUNION\nRETURN collect(1) AS rows",
        "CYPHER 25\nMATCH (n)\nRETURN collect(n) AS rows",
        "MATCH (n)\nRETURN collect(n) AS rows LIMIT 1",
    ],
)
def test_other_queries_are_sent_alone(text: str) -> None:
    assert not returns_one_list(text)


@pytest.mark.parametrize("name", ["patterns/crashes", "patterns/sites", "crashes/environments", "patterns/related"])
def test_relations_return_one_list(name: str) -> None:
    assert returns_one_list(load(name).text)
