"""Every text property is crashgraph's own or covered by ``crashgraph redact --again``, also one that is declared later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from model_graph import statements

from crashgraph.wiring import Container
from graph.erasure.redact_again import RedactionAgain, RedactionReport
from graph.erasure.stored_texts import StoredTexts
from graph.model import NODES, RELATIONSHIPS
from graph.model.actor import person
from graph.model.declare import Property, TextForm
from graph.model.statement import Statement
from graph.ports import Graph

SECRET = "Sesame77zq"
EVERYTHING = """
CALL () {
  MATCH (n) RETURN properties(n) AS properties
  UNION ALL
  MATCH ()-[r]->() RETURN properties(r) AS properties
}
RETURN properties
"""


def planted(properties: tuple[Property, ...]) -> Iterator[tuple[str, Any]]:
    """A secret for each text that is not crashgraph's own."""
    for one in properties:
        if one.is_text and not one.own:
            text = f"password={SECRET}"
            if one.form is TextForm.JSON:
                text = json.dumps({"name": [text], "n": 1})
            elif one.form is TextForm.PRODUCT_VERSION:
                text = f"{text}@{text}"
            yield one.name, [text] if one.neo4j_type.startswith("LIST") else text


async def places(graph: Graph) -> list[str]:
    rows = await graph.read(Statement(EVERYTHING))
    return sorted(name for row in rows for name, value in row["properties"].items() if SECRET in str(value))


async def redacted(container: Container) -> RedactionReport:
    again = RedactionAgain(container.graph, StoredTexts(container.redactor), container.embedder, container.waiting)
    return await again.run(person("ann"))


@pytest.mark.parametrize("name", [*NODES, *RELATIONSHIPS])
async def test_every_text_that_is_not_our_own_is_redacted_again(container: Container, name: str) -> None:
    declared = NODES.get(name) or RELATIONSHIPS[name]
    ends = {RELATIONSHIPS[name].source, RELATIONSHIPS[name].target} if name in RELATIONSHIPS else set()
    for statement in statements():
        if statement.name.removeprefix("fill ") in {name, *ends}:
            await container.graph.write(replace(statement, params={"rows": statement.params["rows"][:3]}))
    pattern = f"(n:{name})" if name in NODES else f"()-[n:{name}]->()"
    values = dict(planted(declared.properties))
    await container.graph.write(Statement(f"MATCH {pattern} WITH n LIMIT 1 SET n += $values", {"values": values}))
    assert await places(container.graph) == sorted(values)
    count = Statement(f"MATCH {pattern} RETURN count(n) AS count")
    before = await container.graph.read(count)

    report = await redacted(container)

    assert await places(container.graph) == []
    assert (report.left, await container.graph.read(count)) == (0, before)
    assert {place for place in report.places if place.startswith(f"{name}.")} == {f"{name}.{one}" for one in values}
    assert (await redacted(container)).places == {}


@pytest.mark.parametrize("name", [*NODES, *RELATIONSHIPS])
def test_what_is_our_own_is_a_text(name: str) -> None:
    declared = NODES.get(name) or RELATIONSHIPS[name]
    assert [one.name for one in declared.properties if one.own and not one.is_text] == []
