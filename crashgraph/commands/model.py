"""``crashgraph model``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from crashgraph.feedback_options import OUTPUT, operator, printed, with_graph
from crashgraph.terminal import echo
from graph.model.models import MATCHING

if TYPE_CHECKING:
    from graph.model.models import ModelVersion
    from graph.ports import Graph

SHIPPED = "shipped"
KIND = click.option("--kind", default=MATCHING, show_default=True, help="Kind of model.")


@click.group()
def model() -> None:
    """List the trained versions of a model, or choose the one in use."""


@model.command(name="list")
@KIND
@OUTPUT
def list_(kind: str, output: str) -> None:
    """List the versions, newest first, with their loss on held-out decisions."""
    from resolvers.models import list_versions

    async def read(graph: Graph) -> list[ModelVersion]:
        return await list_versions(graph, kind)

    versions = asyncio.run(with_graph(read))
    if output == "jsonl":
        printed(versions)
        return
    for each in versions:
        losses = f"loss {each.loss_before:.3f} before, {each.loss_after:.3f} with it, on {each.held_out} held-out decisions"
        trained = f"{each.created_at:%Y-%m-%d %H:%M}  from {each.decisions} decisions"
        echo(f"{each.version}  {each.state}  {trained}; {losses}")
    if not versions:
        echo(f"no trained version of the model {kind}; the shipped one is in use")


@model.command()
@KIND
@click.argument("version")
def use(kind: str, version: str) -> None:
    """Use a version from now on, or the model as it was `shipped`."""
    from resolvers.models import use_version

    async def change(graph: Graph) -> None:
        await use_version(graph, kind, None if version == SHIPPED else version, operator())

    asyncio.run(with_graph(change))
    echo(f"{version} is in use from now on")
