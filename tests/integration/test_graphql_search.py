"""GraphQL on a real graph: search by ids, words and meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from shop_graph import ask

from graph.model.nodes import EMBEDDING_DIMENSIONS
from graph.model.statement import Statement
from graph.ports import Graph


class Words:
    """An embedder by the letters of a text: equal texts have equal vectors."""

    name = "letters"
    dimensions = EMBEDDING_DIMENSIONS

    def load(self) -> None: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), EMBEDDING_DIMENSIONS), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for letter in text.lower():
                row[ord(letter) % EMBEDDING_DIMENSIONS] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class Broken(Words):
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:  # noqa: ARG002  # of the port
        raise ImportError("no module")


SEARCH = """query($t: String!, $k: [SearchKind!], $f: SearchFilterInput, $a: String) {
  search(text: $t, first: 9, kinds: $k, filter: $f, after: $a) {
    edges { score matchedBy cursor node { id caption } } pageInfo { hasNextPage } } }"""


def hits(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in found["edges"]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("c0", "Crash:c0"),
        ("ticket-7", "Crash:c0"),
        ("Pattern:b", "Pattern:b"),
        ("shop.total", "Frame:shop.total"),
        ("ghent", "Site:Ghent"),
        ("Shop@1.1", "Version:Shop@1.1"),
        ("plug till restart", "Solution:s1"),
        ("shop 1.1 antwerp", "Environment:Antwerp1.1"),
        ("oserror", "Community:f"),
    ],
)
async def test_a_search_finds_ids_and_names_of_all_kinds(shop: Graph, text: str, first: str) -> None:
    found = await ask(shop, SEARCH, t=text)
    assert hits(found)[0] == first
    assert all(0 <= edge["score"] <= 1 for edge in found["edges"])
    assert found["edges"][0]["matchedBy"][0] in {"ID", "WORDS"}


async def test_an_error_type_finds_its_patterns_before_others(shop: Graph) -> None:
    found = await ask(shop, SEARCH, t="ValueError", k=["PATTERN"])
    assert hits(found) == ["Pattern:b"]
    assert hits(await ask(shop, SEARCH, t="shop", k=["PATTERN"], f={"severities": ["LOW"]})) == []
    assert set(hits(await ask(shop, SEARCH, t="shop", f={"statuses": ["OPEN"]}))) == {"Pattern:a", "Pattern:b"}


@pytest.mark.parametrize(
    "text", ["a AND OR NOT b", 'shop" OR *:*', "shop~0.1 +(", "title:shop^99", "[a TO z]", "x/y\\z", "é ß 漢字"]
)
async def test_the_syntax_of_queries_is_only_text(shop: Graph, text: str) -> None:
    assert "edges" in await ask(shop, SEARCH, t=text)


async def test_a_search_by_meaning_joins_what_words_found(shop: Graph) -> None:
    embedder = Words()
    await shop.write(
        Statement(
            "MATCH (s:Signature {exact: 's-a'}) SET s.text = 'disk full', s.embedding = $v",
            {"v": embedder.embed(["disk full"])[0].tolist()},
            "embed",
        )
    )
    await shop.read(Statement("CALL db.awaitIndexes(60)", name="await"))
    found = await ask(shop, SEARCH, embedder, t="luf ksid")
    ways = {edge["node"]["id"]: edge["matchedBy"] for edge in found["edges"]}
    assert ways == {"Signature:s-a": ["MEANING"], "Pattern:a": ["MEANING"]}
    both = await ask(shop, SEARCH, embedder, t="disk")
    assert {edge["node"]["id"]: set(edge["matchedBy"]) for edge in both["edges"]}["Signature:s-a"] == {"WORDS", "MEANING"}
    assert hits(await ask(shop, SEARCH, t="luf ksid")) == []
    assert hits(await ask(shop, SEARCH, Broken(), t="ghent")) == hits(await ask(shop, SEARCH, t="ghent"))


async def test_pages_of_a_search_continue(shop: Graph) -> None:
    text = SEARCH.replace("first: 9", "first: 2")
    whole, after, found = hits(await ask(shop, SEARCH, t="shop")), None, []
    for _ in range(len(whole)):
        page = await ask(shop, text, t="shop", a=after)
        found += hits(page)
        if not page["pageInfo"]["hasNextPage"] or len(found) >= len(whole):
            break
        after = page["edges"][-1]["cursor"]
    assert found[: len(whole)] == whole
