"""The models for notebooks, on the real server."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from small_graph import START, arrange, crash, pattern, related

from graph.model import NODES, RELATIONSHIPS
from graph.model.errors import InvalidInputError, UnavailableError
from graph.server import Endpoint
from graph.store import Neo4jGraph

pytest.importorskip("py2neo", reason="the extra ogm is not installed")

# py2neo dates from 2021 and uses names that Python has deprecated since.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from graph import ogm


@pytest.fixture
def notebook(endpoint: Endpoint) -> Iterator[Any]:
    """A py2neo graph on the session's server."""
    graph = ogm.connect(endpoint.bolt_uri, endpoint.user, endpoint.password)
    yield graph
    graph.service.connector.close()


async def two_patterns(graph: Neo4jGraph) -> None:
    await arrange(
        graph,
        [pattern("p1", 2), pattern("p2", 1)],
        [crash("c1", "p1"), crash("c2", "p1", minute=5, site="Gent"), crash("c3", "p2", minute=9)],
        [related("p1", "p2", 0.75)],
    )


def test_every_label_and_relationship_has_its_model() -> None:
    for label, declared in NODES.items():
        model = getattr(ogm, label)
        assert (model.__primarylabel__, model.__primarykey__) == (label, declared.key)
        assert {prop.name for prop in declared.properties if not prop.secret} <= set(vars(model))
        assert not {prop.name for prop in declared.properties if prop.secret} & set(vars(model))
    for type_, joined in RELATIONSHIPS.items():
        assert type_.lower() in vars(ogm.MODELS[joined.source])
        assert f"{type_.lower()}_from" in vars(ogm.MODELS[joined.target]) or not joined.directed


async def test_a_pattern_is_read_with_its_properties(graph: Neo4jGraph, notebook: Any) -> None:
    await two_patterns(graph)
    [found] = list(ogm.Pattern.match(notebook, "p1"))
    assert found.name == "KeyError in shop.p1"
    assert found.occurrence_count == 2
    assert found.taxonomy_code is None
    seen = found.first_seen
    assert datetime(seen.year, seen.month, seen.day, seen.hour, tzinfo=UTC) == START


async def test_relationships_are_followed_both_ways(graph: Neo4jGraph, notebook: Any) -> None:
    await two_patterns(graph)
    found = ogm.Crash.match(notebook, "c2").first()
    [signature] = found.has_signature
    [bug] = signature.of_pattern
    assert bug.pattern_id == "p1"
    assert {one.crash_id for one in signature.has_signature_from} == {"c1", "c2"}
    assert [site.name for environment in found.occurred_in for site in environment.at_site] == ["Gent"]
    assert {frame.function for frame in signature.has_frame} == {"total", "run"}


async def test_undirected_relationships_are_followed_from_both_ends(graph: Neo4jGraph, notebook: Any) -> None:
    await two_patterns(graph)
    for one, other in (("p1", "p2"), ("p2", "p1")):
        found = ogm.Pattern.match(notebook, one).first()
        [neighbour] = found.co_occurs_with
        assert neighbour.pattern_id == other
        assert found.co_occurs_with.get(neighbour, "score") == 0.75


async def test_matches_are_sorted_narrowed_and_limited(graph: Neo4jGraph, notebook: Any) -> None:
    await two_patterns(graph)
    by_size = ogm.Pattern.match(notebook).order_by("_.occurrence_count DESC").limit(1)
    assert [found.pattern_id for found in by_size] == ["p1"]
    assert {found.crash_id for found in ogm.Crash.match(notebook).where(site="Antwerp")} == {"c1", "c3"}


def test_a_connection_error_does_not_reveal_the_password(endpoint: Endpoint) -> None:
    with pytest.raises(InvalidInputError, match="bolt://"):
        ogm.connect("http://localhost:7474", "neo4j", "x")
    with pytest.raises(UnavailableError, match="cannot connect") as caught:
        ogm.connect(endpoint.bolt_uri, "neo4j", "a wrong one")
    assert "a wrong one" not in str(caught.value)
