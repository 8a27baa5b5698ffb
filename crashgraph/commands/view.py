"""``crashgraph view``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from resolvers.records import NetworkQuery


@click.command()
@click.argument("name")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--first", type=int, help="Most nodes.")
@click.option("--edges", type=int, help="Most edges.")
@click.option("--focus", help="A pattern id: show what is around it.")
@click.option("--depth", type=int, help="How far around it.")
@click.option("--search", help="Only patterns with these words.")
def view(
    name: str, output: Path, first: int | None, edges: int | None, focus: str | None, depth: int | None, search: str | None
) -> None:
    """Write the view NAME to one file that opens in a browser and needs nothing else."""
    from viz.address import read_query
    from viz.views import view as find_view

    given = {"first": first, "edges": edges, "focus": focus, "depth": depth, "search": search}
    asked = read_query({key: str(value) for key, value in given.items() if value is not None}, find_view(name).query)
    page = asyncio.run(_page(name, asked))
    output.write_text(page, encoding="utf-8")
    click.echo(f"{output}: {len(page.encode()):,} bytes")


async def _page(name: str, asked: NetworkQuery) -> str:
    from crashgraph.console import ServerSteps
    from crashgraph.pages import view_file
    from crashgraph.settings import load
    from crashgraph.wiring import open_container

    with ServerSteps() as steps:
        async with open_container(load(), steps) as parts:
            return await view_file(parts.graph, name, asked)
