"""GraphQL on a real graph: shortest paths."""

from __future__ import annotations

from shop_graph import ask

from graph.model.statement import Statement
from graph.ports import Graph

PATH = """query($a: ID!, $b: ID!, $n: Int, $x: [PathLabel!]) { path(from: $a, to: $b, maxLength: $n, exclude: $x) {
  length complete nodes { id } edges { source target type directed evidence { score } facts { name value } } } }"""


async def test_the_shortest_path_between_two_crashes(shop: Graph) -> None:
    found = await ask(shop, PATH, a="Crash:c0", b="Crash:c2", n=6)
    assert [node["id"] for node in found["nodes"]] == ["Crash:c0", "Environment:Antwerp1.0", "Crash:c2"]
    assert (found["length"], found["complete"]) == (2, True)
    assert [edge["type"] for edge in found["edges"]] == ["OCCURRED_IN", "OCCURRED_IN"]
    assert found["edges"][1]["source"] == "Crash:c2"


async def test_a_path_keeps_out_of_excluded_labels_and_shows_the_evidence(shop: Graph) -> None:
    places = ["ENVIRONMENT", "SITE", "VERSION", "ATTRIBUTE", "FRAME", "MODULE"]
    found = await ask(shop, PATH, a="Crash:c0", b="Crash:c2", n=6, x=places)
    ids = [node["id"] for node in found["nodes"]]
    assert ids == ["Crash:c0", "Signature:s-a", "Pattern:a", "Pattern:b", "Signature:s-b", "Crash:c2"]
    link = found["edges"][2]
    assert (link["type"], link["directed"], link["evidence"]) == ("CO_OCCURS_WITH", False, {"score": 0.9})
    assert {"name": "lift", "value": "3.5"} in link["facts"]
    assert found["edges"][1]["evidence"] is None
    none = await ask(shop, PATH, a="Crash:c0", b="Crash:c2", n=4, x=places)
    assert none == {"length": None, "complete": True, "nodes": [], "edges": []}


async def test_a_path_to_an_excluded_label_and_to_the_node_itself(shop: Graph) -> None:
    found = await ask(shop, PATH, a="Crash:c0", b="Site:Antwerp", n=6, x=["SITE"])
    assert (found["length"], found["nodes"][-1]) == (2, {"id": "Site:Antwerp"})
    same = await ask(shop, PATH, a="Site:Ghent", b="Site:Ghent", n=6)
    assert (same["length"], same["nodes"]) == (0, [{"id": "Site:Ghent"}])


async def test_a_node_with_very_many_neighbours_is_followed_in_part(shop: Graph) -> None:
    text = """MATCH (s:Site {name: 'Ghent'}) UNWIND range(1, 300) AS i
    CREATE (:Environment {environment_id: 'x' + i, title: 'x'})-[:AT_SITE]->(s)"""
    await shop.write(Statement(text, name="many"))
    found = await ask(shop, PATH, a="Environment:x1", b="Environment:x300", n=6)
    assert (found["length"], found["complete"]) == (2, False)
