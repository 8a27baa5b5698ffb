"""``crashgraph export``."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crashgraph.terminal import echo

if TYPE_CHECKING:
    import networkx

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""
FORMATS = {".graphml": "graphml", ".json": "json"}


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--format", "format_", type=click.Choice(["graphml", "json"]), help="By default from the file name.")
def export(output: Path, format_: str | None) -> None:
    """Write all patterns and the relationships between them as GraphML or JSON (node-link)."""
    chosen = format_ or FORMATS.get(output.suffix.lower())
    if chosen is None:
        raise click.UsageError(f"{output}: add --format graphml or --format json")
    network = asyncio.run(_network())
    _write(network, output, chosen)
    echo(f"{output}: {network.number_of_nodes():,} patterns, {network.number_of_edges():,} relationships")


async def _network() -> networkx.MultiDiGraph[str]:
    import networkx

    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.cypher import query

    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            patterns = await container.graph.read(query("patterns/export_nodes"))
            edges = await container.graph.read(query("patterns/export_edges"))
    network: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for row in patterns:
        network.add_node(row["pattern"]["pattern_id"], **_flat(row["pattern"]))
    for row in sorted(edges, key=_place):
        network.add_edge(row["source"], row["target"], key=row["type"], type=row["type"], **_flat(row["properties"]))
    return network


def _place(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["source"], row["target"], row["type"], repr(sorted(row["properties"].items())))


def _flat(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties by name as GraphML types; times and lists become text. Neo4j returns them in any order."""
    return {key: _plain(value) for key, value in sorted(properties.items()) if value is not None}


def _plain(value: Any) -> str | int | float | bool:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    assert isinstance(value, str | int | float | bool)
    return value


def _write(network: networkx.MultiDiGraph[str], output: Path, chosen: str) -> None:
    import networkx
    import orjson

    if chosen == "graphml":
        networkx.write_graphml(_without_control(network), output)
    else:
        data = networkx.node_link_data(network, edges="edges")
        output.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2))


def _without_control(network: networkx.MultiDiGraph[str]) -> networkx.MultiDiGraph[str]:
    """The network with a replacement character for each one that XML cannot hold."""
    properties = [data for _, data in network.nodes(data=True)] + [data for *_, data in network.edges(data=True)]
    for data in properties:
        data.update({key: NOT_XML.sub("\ufffd", value) for key, value in data.items() if isinstance(value, str)})
    return network
