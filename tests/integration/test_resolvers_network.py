"""The network: largest patterns first, within its budget, with totals before the budget."""

from __future__ import annotations

import pytest
from small_graph import arrange, pattern, related

from graph.model.errors import InvalidInputError, LimitError, NotFoundError
from graph.ports import Graph
from resolvers.network import network
from resolvers.nodes import nodes_by_key
from resolvers.records import Network, NetworkQuery


def shown(found: Network) -> list[str]:
    return [node.id for node in found.nodes]


async def chain(graph: Graph) -> None:
    """a - b - c - d, and b - e; a is the biggest."""
    patterns = [pattern(id, count) for id, count in zip("abcde", (50, 40, 30, 20, 10), strict=True)]
    await arrange(
        graph,
        patterns,
        edges=[related("a", "b", 0.9), related("b", "c", 0.8), related("c", "d", 0.7), related("b", "e", 0.2)],
    )


async def test_the_largest_patterns_come_first_and_the_rest_is_counted(graph: Graph) -> None:
    await chain(graph)
    found = await network(graph, NetworkQuery(first=2))
    assert shown(found) == ["a", "b"]
    assert [(edge.source, edge.target) for edge in found.edges] == [("a", "b")]
    assert (found.total_nodes, found.total_edges) == (5, 4)
    assert [node.hidden_neighbours for node in found.nodes] == [0, 2]


async def test_the_strongest_edges_come_first(graph: Graph) -> None:
    await chain(graph)
    found = await network(graph, NetworkQuery(edges=2))
    assert [edge.score for edge in found.edges] == [0.9, 0.8]
    assert found.total_edges == 4


@pytest.mark.parametrize(
    ("depth", "expected", "hidden"),
    [(0, ["c"], [2]), (1, ["c", "b", "d"], [0, 2, 0]), (2, ["c", "b", "d", "a", "e"], [0, 0, 0, 0, 0])],
)
async def test_a_focus_grows_hop_by_hop(graph: Graph, depth: int, expected: list[str], hidden: list[int]) -> None:
    await chain(graph)
    found = await network(graph, NetworkQuery(focus="c", depth=depth))
    assert shown(found) == expected
    assert [node.hidden_neighbours for node in found.nodes] == hidden


async def test_a_focus_keeps_to_the_budget_and_counts_the_rest(graph: Graph) -> None:
    await arrange(
        graph, [pattern(f"p{i:02}", i) for i in range(20)], edges=[related("p00", f"p{i:02}", i / 20) for i in range(1, 20)]
    )
    found = await network(graph, NetworkQuery(focus="p00", first=6, depth=3))
    assert shown(found) == ["p00", "p19", "p18", "p17", "p16", "p15"]
    assert (found.total_nodes, found.nodes[0].hidden_neighbours) == (20, 14)


async def test_a_focus_that_fills_the_budget_exactly_still_counts_the_next_hop(graph: Graph) -> None:
    await chain(graph)
    found = await network(graph, NetworkQuery(focus="a", first=2, depth=2))
    assert (shown(found), found.total_nodes) == (["a", "b"], 4)


async def test_filters_apply_to_the_nodes_shown_and_to_the_totals(graph: Graph) -> None:
    await arrange(
        graph,
        [pattern("a", 3), pattern("b", 2), pattern("c", 1, severity="low"), pattern("d", 1, name="ValueError in till")],
        edges=[related("a", "b", 0.9), related("a", "c", 0.8), related("a", "d", 0.1)],
    )
    strong = await network(graph, NetworkQuery(min_score=0.5))
    severe = await network(graph, NetworkQuery(severities=("high",)))
    named = await network(graph, NetworkQuery(search="keyerror", types=("CO_OCCURS_WITH",)))
    assert (len(strong.edges), strong.total_edges) == (2, 2)
    assert (shown(severe), severe.total_nodes, severe.total_edges) == (["a", "b", "d"], 3, 2)
    assert (shown(named), named.total_nodes, named.total_edges) == (["a", "b", "c"], 3, 2)


async def test_nodes_and_edges_carry_details_and_evidence(graph: Graph) -> None:
    await chain(graph)
    found = await network(graph, NetworkQuery(first=2))
    assert found.nodes[0].details["Crashes"] == "50"
    assert found.nodes[0].details["First seen"] == "2026-01-01 08:00 UTC"
    edge = found.edges[0]
    assert not edge.directed
    assert list(edge.evidence)[:2] == ["score", "support"]
    assert edge.evidence["window seconds"] == "3600"


@pytest.mark.parametrize(
    ("asked", "error", "named"),
    [
        (NetworkQuery(focus="nope"), NotFoundError, "nope"),
        (NetworkQuery(first=501), LimitError, "first"),
        (NetworkQuery(first=0), InvalidInputError, "first"),
        (NetworkQuery(edges=-1), InvalidInputError, "edges"),
        (NetworkQuery(depth=9), LimitError, "depth"),
        (NetworkQuery(min_score=2), InvalidInputError, "minScore"),
        (NetworkQuery(types=("HAS_FRAME",)), InvalidInputError, "HAS_FRAME"),
        (NetworkQuery(severities=("bad",)), InvalidInputError, "bad"),
        (NetworkQuery(search="?"), InvalidInputError, "search"),
    ],
)
async def test_an_invalid_network_query_is_refused_by_name(
    graph: Graph, asked: NetworkQuery, error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        await network(graph, asked)


async def test_an_empty_graph_is_an_empty_network(graph: Graph) -> None:
    found = await network(graph, NetworkQuery())
    assert (found.nodes, found.edges, found.total_nodes, found.total_edges) == ((), (), 0, 0)


async def test_a_signature_is_found_by_its_key_without_its_embedding(graph: Graph) -> None:
    await arrange(graph, [pattern("a")])
    found = (await nodes_by_key(graph, ["s-a"], "Signature"))["s-a"]
    assert found.properties.get("embedding") is None
    assert found.properties["frames"] == ["shop.total", "shop.run"]
