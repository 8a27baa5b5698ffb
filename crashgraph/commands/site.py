"""``crashgraph site``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from crashgraph.feedback_options import operator
from crashgraph.terminal import echo


@click.group()
def site() -> None:
    """Sites and links between them."""


@site.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def link(file: Path) -> None:
    """Link sites whose failures can affect each other. FILE is a CSV with two site names per line."""
    from graph.sources.site_links import read_links

    pairs = read_links(file)
    created = asyncio.run(_link(pairs))
    echo(f"{len(pairs):,} {'pair' if len(pairs) == 1 else 'pairs'} read, {created:,} new links.")


async def _link(pairs: list[tuple[str, str]]) -> int:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.cypher import query
    from graph.knowledge.audit import audit_statement

    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            linking = query("ingest/site_links", pairs=[list(pair) for pair in pairs])
            rows = await container.graph.write(linking, audit_statement(operator(), "link_sites", count=len(pairs)))
    return int(rows[0][0]["made"])
