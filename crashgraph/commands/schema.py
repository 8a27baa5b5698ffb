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


@schema.command()
@click.pass_context
def changes(context: click.Context) -> None:
    """Print the changes since the last release; exit with 1 if one breaks clients without a reviewed reason."""
    from schema.build import sdl
    from schema.changes import accepted_changes, changes_since_release

    found, accepted = changes_since_release(sdl()), accepted_changes()
    for one in found.breaking:
        echo(f"breaking: {one} {accepted.get(one, '')}".rstrip())
    for one in found.other:
        echo(f"compatible: {one}")
    faults = found.faults(accepted)
    for fault in faults:
        echo(fault, err=True)
    if not (found.breaking or found.other or faults):
        echo("no changes since the last release")
    if faults:
        context.exit(1)
