"""``crashgraph schema``."""

from __future__ import annotations

import click

from crashgraph.terminal import echo


@click.group()
def schema() -> None:
    """The GraphQL schema."""


@schema.command("print")
def print_() -> None:
    """Print the schema definition language."""
    from schema.build import sdl

    echo(sdl())
