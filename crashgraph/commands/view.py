"""``crashgraph view``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crashgraph.terminal import echo

if TYPE_CHECKING:
    from viz.pages.registry import Params


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
    """Write the page NAME, such as network, to one file that opens in a browser and needs nothing else."""
    options = {"first": first, "edges": edges, "focus": focus, "depth": depth, "search": search}
    params = {key: str(value) for key, value in options.items() if value is not None}
    text = asyncio.run(_text(name, params))
    output.write_text(text, encoding="utf-8")
    echo(f"{output}: {len(text.encode()):,} bytes")


async def _text(name: str, params: Params) -> str:
    from crashgraph.console import ServerSteps
    from crashgraph.pages import pages, view_file
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from viz.pages.registry import standalone_page

    standalone_page(pages(), name)  # an unknown name is refused before a server is started for it
    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            return await view_file(container.graph, name, params)
