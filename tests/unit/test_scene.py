"""Scenes of networks: looks, order, legend and counts of what is hidden."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from graph.model.declare import RELATIONSHIPS
from graph.model.severity import SEVERITIES
from resolvers.records import Network, NetworkEdge, NetworkNode, NetworkQuery
from viz.scene.palette import LARGEST, SEVERITY_STYLES, SMALLEST, edge_style, edge_width, node_size, severity_style
from viz.scene.payload import edge_options
from viz.scene.scene import network_scene
from viz.text import count, visible, words


def node(name: str, size: int = 1, severity: str = "high", **more: Any) -> NetworkNode:
    return NetworkNode(
        id=name, label="Pattern", caption=f"Error in {name}", severity=severity, status="open", size=size, **more
    )


def edge(source: str, target: str, score: float = 0.5, *, directed: bool = False) -> NetworkEdge:
    return NetworkEdge(source, target, "CO_OCCURS_WITH", score, directed, {"algorithm": "co_occurrence"})


def network(nodes: list[NetworkNode], edges: list[NetworkEdge], *, total_nodes: int = 0, total_edges: int = 0) -> Network:
    return Network(NetworkQuery(), tuple(nodes), tuple(edges), max(total_nodes, len(nodes)), max(total_edges, len(edges)))


def test_sizes_grow_with_the_root_of_the_count_between_8_and_34() -> None:
    assert node_size(0, 100) == SMALLEST
    assert node_size(100, 100) == LARGEST
    assert node_size(25, 100) == (SMALLEST + LARGEST) / 2
    assert node_size(500, 100) == LARGEST


def test_each_severity_has_its_own_shape_and_colour() -> None:
    styles = [severity_style(name) for name in ("critical", "high", "medium", "low", "no such severity")]
    assert len({style.shape for style in styles}) == len({style.colour for style in styles}) == 5
    assert tuple(SEVERITY_STYLES) == SEVERITIES
    assert [style.rank for style in styles] == sorted((style.rank for style in styles), reverse=True)


def test_an_edge_looks_as_its_type_was_declared() -> None:
    style = edge_style("CO_OCCURS_WITH")
    assert style.colour == RELATIONSHIPS["CO_OCCURS_WITH"].colour
    assert style.help == RELATIONSHIPS["CO_OCCURS_WITH"].help
    assert dict(style.fields)["lift"].startswith("Observed")
    assert edge_style("NOT_DECLARED").dashes == ()


def test_refuted_edges_are_marked() -> None:
    links = [NetworkEdge("a", "b", "CAUSES", 0.9, True, {"state": state}) for state in ("supported", "refuted")]
    links[1] = replace(links[1], source="b", target="a")
    scene = network_scene(network([node("a"), node("b")], links), "T")
    assert [(edge["type"], edge["refuted"]) for edge in map(edge_options, scene.edges)] == [("CAUSES", False), ("CAUSES", True)]


def test_derived_types_differ_in_dashes() -> None:
    derived = [name for name, declared in RELATIONSHIPS.items() if declared.derived][:5]
    assert len({edge_style(name).dashes for name in derived}) == len(derived)


def test_the_biggest_node_and_the_strongest_edge_come_first() -> None:
    scene = network_scene(network([node("a", 1), node("b", 9), node("c", 4)], [edge("a", "b", 0.2), edge("b", "c", 0.9)]), "T")
    assert [n.id for n in scene.nodes] == ["b", "c", "a"]
    assert [e.score for e in scene.edges] == [0.9, 0.2]
    assert scene.occurrences == 14


def test_repeats_are_drawn_once_and_edges_into_nothing_count_as_hidden() -> None:
    given = network([node("a"), node("a"), node("b")], [edge("a", "b"), edge("a", "b", 0.9), edge("a", "gone")])
    scene = network_scene(given, "T")
    assert [n.id for n in scene.nodes] == ["a", "b"]
    assert [(e.source, e.target, e.score) for e in scene.edges] == [("a", "b", 0.9)]
    assert scene.hidden.edges == 2


def test_nodes_and_edges_over_the_budget_are_counted() -> None:
    scene = network_scene(network([node("a", hidden_neighbours=7)], [], total_nodes=813, total_edges=2000), "T")
    assert (scene.hidden.nodes, scene.hidden.edges) == (812, 2000)
    assert scene.nodes[0].hidden_neighbours == 7


def test_degree_counts_distinct_shown_neighbours() -> None:
    scene = network_scene(network([node("a"), node("b")], [edge("a", "b"), edge("b", "a"), edge("a", "a")]), "T")
    assert {n.id: n.degree for n in scene.nodes} == {"a": 1, "b": 1}


def test_the_legend_lists_every_severity_and_the_types_that_are_shown() -> None:
    scene = network_scene(network([node("a", severity="low"), node("b", severity="odd")], [edge("a", "b")]), "T")
    assert [(k.style.key, k.count) for k in scene.severities] == [
        ("critical", 0),
        ("high", 0),
        ("medium", 0),
        ("low", 1),
        ("unknown", 1),
    ]
    assert [(k.style.type, k.count, k.directed) for k in scene.edge_types] == [("CO_OCCURS_WITH", 1, False)]


def test_a_score_that_is_not_a_number_cannot_break_the_page() -> None:
    scene = network_scene(network([node("a"), node("b")], [edge("a", "b", math.nan)]), "T")
    assert scene.edges[0].score == 0
    assert edge_width(2.0) == edge_width(1.0)


def test_control_characters_are_spelled_out() -> None:
    assert visible("a\u202eb\u0000\u200e\ud800") == "a\\u202eb\\u0000\\u200e\\ud800"
    assert visible("line\n\tnext <b>é 漢字 👩\u200d💻") == "line\n\tnext <b>é 漢字 👩\u200d💻"
    scene = network_scene(network([node("a", details={"mess\u2066age": "\u202eevil"})], []), "T")
    assert scene.nodes[0].details == (("mess\\u2066age", "\\u202eevil"),)


def test_an_empty_network_is_an_empty_scene() -> None:
    scene = network_scene(network([], []), "T")
    assert (scene.nodes, scene.edges, scene.edge_types, scene.statuses) == ((), (), (), ())


def test_a_node_without_caption_shows_its_id() -> None:
    nameless = NetworkNode(id="p1", label="Pattern", caption="", severity="low", status="open", size=1)
    assert network_scene(network([nameless], []), "T").nodes[0].caption == "p1"


def test_words() -> None:
    assert words("CO_OCCURS_WITH") == "co-occurs with"
    assert words("run_id") == "run id"
    assert (count(1, "crash", "crashes"), count(1204, "crash", "crashes")) == ("1 crash", "1,204 crashes")
