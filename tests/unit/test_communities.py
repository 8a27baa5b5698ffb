"""Families, PageRank and brokerage compared with networkx; stable ids and distinctive names."""

from __future__ import annotations

import random

import networkx as nx
import numpy as np
import pytest

from graph.algorithms.communities import NONE, Ties, dense_regions, grouped, keep_ids, leiden, modularity, strengths
from graph.algorithms.community_names import Traits, describe
from graph.algorithms.influence import DirectedNetwork, betweenness, drawn, page_rank, scaled


def ties_of(network: nx.Graph) -> Ties:
    source, target = np.array(network.edges(), dtype=np.int64).T
    weight = np.array([data.get("weight", 1.0) for _, _, data in network.edges(data=True)], dtype=np.float64)
    return Ties(len(network), source, target, weight)


def links_of(network: nx.DiGraph) -> DirectedNetwork:
    ties = ties_of(network)
    return DirectedNetwork(ties.nodes, ties.source, ties.target, ties.weight)


def causes(nodes: int, links: int, seed: int) -> nx.DiGraph:
    network = nx.gnm_random_graph(nodes, links, seed=seed, directed=True)
    rng = random.Random(seed)
    for _, _, data in network.edges(data=True):
        data["weight"] = rng.uniform(0.1, 2.0)
    return network


def sets(labels: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)]


@pytest.mark.parametrize("network", [nx.karate_club_graph(), nx.les_miserables_graph()], ids=["karate", "miserables"])
def test_leiden_partitions_known_networks_at_least_as_well_as_louvain(network: nx.Graph) -> None:
    network = nx.convert_node_labels_to_integers(network, ordering="sorted")
    found = leiden(ties_of(network), 1.0, 0)
    theirs = nx.community.louvain_communities(network, seed=0)
    assert nx.community.modularity(network, sets(found)) >= nx.community.modularity(network, theirs) - 0.01


@pytest.mark.parametrize("resolution", [0.5, 1.0, 3.0])
def test_modularity_is_that_of_networkx(resolution: float) -> None:
    network = nx.les_miserables_graph()
    network = nx.convert_node_labels_to_integers(network, ordering="sorted")
    labels = leiden(ties_of(network), 1.0, 3)
    expected = nx.community.modularity(network, sets(labels), resolution=resolution)
    assert modularity(ties_of(network), labels, resolution) == pytest.approx(expected)


def test_planted_families_are_found_the_same_for_the_same_seed() -> None:
    network = nx.planted_partition_graph(6, 20, 0.5, 0.01, seed=4)
    planted = np.repeat(np.arange(6), 20)
    found = leiden(ties_of(network), 1.0, 9)
    assert sorted(map(sorted, sets(found))) == sorted(map(sorted, sets(planted)))
    assert (leiden(ties_of(network), 1.0, 9) == found).all()


def test_a_larger_resolution_makes_more_families() -> None:
    ties = ties_of(nx.connected_caveman_graph(8, 5))
    assert len(set(leiden(ties, 0.05, 0))) < len(set(leiden(ties, 1.0, 0))) < len(set(leiden(ties, 20.0, 0)))


def test_nothing_has_no_family_and_no_modularity() -> None:
    empty = Ties(0, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    labels = leiden(empty, 1.0, 0)
    assert (len(labels), modularity(empty, labels), len(strengths(empty, labels))) == (0, 0.0, 0)


def test_strength_is_the_share_that_stays_inside() -> None:
    ties = Ties(4, np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([3.0, 1.0, 2.0]))
    assert strengths(ties, np.array([0, 0, 1, 1])).tolist() == pytest.approx([1.0, 0.75, 2 / 3, 1.0])


def test_texts_that_lie_together_are_a_family_and_strays_are_not() -> None:
    rng = np.random.default_rng(2)
    centres = rng.normal(size=(3, 384))
    clouds = [centre + 0.25 * rng.normal(size=(12, 384)) for centre in centres]
    labels, sure = dense_regions(np.vstack([*clouds, rng.normal(size=(10, 384))]).astype(np.float32), 3, 0.7)
    found = [set(labels[at * 12 : at * 12 + 12]) for at in range(3)]
    assert all(len(one) == 1 and NONE not in one for one in found)
    assert len(set.union(*found)) == 3
    assert (labels[36:] == NONE).all()
    assert ((sure >= 0) & (sure <= 1)).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_few_texts_are_no_family(count: int) -> None:
    labels, _ = dense_regions(np.ones((count, 384), dtype=np.float32), 3, 0.7)
    assert labels.tolist() == [NONE] * count


def test_identical_texts_are_partitioned_without_failure() -> None:
    labels, sure = dense_regions(np.ones((8, 384), dtype=np.float32), 3, 0.7)
    assert len(labels) == 8
    assert np.isfinite(sure).all()


def test_families_too_small_are_left_out() -> None:
    assert grouped(["d", "c", "b", "a", "e"], np.array([1, 1, 1, 2, NONE]), 2) == [["b", "c", "d"]]


def test_a_family_keeps_its_id_while_it_keeps_most_members() -> None:
    [first, second] = keep_ids([["a", "b", "c", "d"], ["x", "y", "z"]], {}, 0.3)
    before = {first: ["a", "b", "c", "d"], second: ["x", "y", "z"]}
    again = keep_ids([["x", "y", "new"], ["a", "b", "c", "d", "e", "f"]], before, 0.3)
    assert again == [second, first]


def test_a_family_that_splits_leaves_its_id_to_the_part_most_like_it() -> None:
    before = {"c-old": list("abcdefg")}
    small, large = keep_ids([list("ab"), list("cdefg")], before, 0.1)
    assert large == "c-old"
    assert small != "c-old"


def test_two_that_join_keep_the_id_of_the_larger_and_an_id_is_never_given_twice() -> None:
    before = {"c-1": list("abcde"), "c-2": list("xy")}
    assert keep_ids([list("abcdexy")], before, 0.3) == ["c-1"]
    stranger = keep_ids([list("mno")], {}, 0.3)[0]
    [other] = keep_ids([list("mno")], {stranger: ["gone", "too"]}, 0.3)
    assert other != stranger


def test_the_order_of_families_changes_no_id() -> None:
    families = [list("abc"), list("def"), list("ghij")]
    ids = dict(zip(map(tuple, families), keep_ids(families, {}, 0.3), strict=True))
    assert keep_ids(families[::-1], {}, 0.3) == [ids[tuple(one)] for one in families[::-1]]


def test_a_name_is_common_inside_and_rare_outside() -> None:
    traits = {f"p{at}": Traits("TimeoutError" if at < 4 else "KeyError", ("app", "app.net"), ("send",)) for at in range(5)}
    traits |= {f"q{at}": Traits("KeyError", ("app", "app.shop"), ("total",)) for at in range(4)}
    first, second = describe([[f"p{at}" for at in range(5)], [f"q{at}" for at in range(4)]], traits)
    assert first.name == "TimeoutError, KeyError in app.net"
    assert second.name == "KeyError in app.shop"
    assert second.modules == ("app.shop", "app")


def test_names_are_distinct_and_there_is_one_for_the_unknown() -> None:
    traits = {"a": Traits("KeyError", ("m",), ("f",)), "b": Traits("KeyError", ("m",), ("g",)), "c": Traits(None)}
    names = [one.name for one in describe([["a"], ["b"], ["c"], ["d"]], traits)]
    assert names == ["KeyError in m (f)", "KeyError in m (g)", "Failures", "Failures #2"]


@pytest.mark.parametrize("seed", range(3))
def test_page_rank_is_that_of_networkx(seed: int) -> None:
    network = causes(60, 150, seed)
    expected = nx.pagerank(network, alpha=0.85, weight="weight", tol=1e-12, max_iter=500)
    assert page_rank(links_of(network)).tolist() == pytest.approx([expected[node] for node in range(60)], abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_brokerage_is_the_betweenness_of_networkx(seed: int) -> None:
    network = causes(60, 150, seed)
    expected = nx.betweenness_centrality(network, normalized=True)
    assert betweenness(links_of(network), 1000, 0).tolist() == pytest.approx([expected[node] for node in range(60)])


def test_brokerage_from_drawn_sources_comes_near_that_from_all() -> None:
    links = links_of(causes(400, 1200, 5))
    exact, near = betweenness(links, 400, 0), betweenness(links, 200, 0)
    assert np.corrcoef(exact, near)[0, 1] > 0.95
    assert near.sum() == pytest.approx(exact.sum(), rel=0.1)


def test_graphs_too_small_for_paths_have_no_brokerage() -> None:
    pair = DirectedNetwork(2, np.array([0]), np.array([1]), np.array([1.0]))
    assert betweenness(pair, 10, 0).tolist() == [0.0, 0.0]
    assert page_rank(DirectedNetwork(0, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))).tolist() == []
    assert drawn(5, 2, 1) == drawn(5, 2, 1)
    assert scaled(np.array([2.0]), 4, 2).tolist() == pytest.approx([2 / 3])
