"""``crashgraph model``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from crashgraph.feedback_options import OUTPUT, printed, with_graph

if TYPE_CHECKING:
    from graph.ports import Graph

SHIPPED = "shipped"


@click.group()
def model() -> None:
    """What the matching learned from decisions, in versions."""


@model.command(name="list")
@OUTPUT
def list_(output: str) -> None:
    """List the versions, the newest first, and how they did on decisions they had not seen."""
    from graph.matching.ranking_versions import versions

    found = asyncio.run(with_graph(versions))
    if output == "jsonl":
        printed(found)
        return
    for one in found:
        did = f"loss {one.loss_before:.3f} before, {one.loss_after:.3f} with it, on {one.held_out} decisions held out"
        click.echo(f"{one.version}  {one.state}  {one.created_at:%Y-%m-%d %H:%M}  from {one.decisions} decisions; {did}")
    if not found:
        click.echo("nothing was learned yet; the shipped model matches")


@model.command()
@click.argument("version")
def use(version: str) -> None:
    """Match with a version from now on, or with the model as it was `shipped`."""
    from graph.matching.ranking_versions import use_version

    async def change(graph: Graph) -> Any:
        return await use_version(graph, None if version == SHIPPED else version)

    asyncio.run(with_graph(change))
    click.echo(f"{version} matches from now on")
