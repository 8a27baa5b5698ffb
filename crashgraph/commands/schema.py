"""``crashgraph schema``."""

from __future__ import annotations

from pathlib import Path

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
    """Print the changes since the last release, and what is deprecated; exit with 1 if one breaks clients unreviewed.

    A change that breaks clients is reviewed with its reason in schema/release/accepted.toml.
    """
    from schema.build import sdl
    from schema.changes import accepted_changes, changes_since_release, deprecated_members

    found, accepted = changes_since_release(sdl()), accepted_changes()
    for one in found.breaking:
        echo(f"breaking: {one} {accepted.get(one, '')}".rstrip())
    for one in found.other:
        echo(f"compatible: {one}")
    for name, reason in deprecated_members(sdl()).items():
        echo(f"deprecated: {name}: {reason}")
    faults = found.faults(accepted)
    for fault in faults:
        echo(fault, err=True)
    if not (found.breaking or found.other or faults):
        echo("no changes since the last release")
    if faults:
        context.exit(1)


@schema.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.pass_context
def documents(context: click.Context, folder: Path | None) -> None:
    """List the stored documents of FOLDER, by default that of the settings, and check them against the schema.

    A document is a file ID.graphql, or an entry of a *.json that maps ids to texts, as Relay and Apollo write it. Exits with 1
    if one cannot be used.
    """
    from crashgraph.settings import load
    from schema.build import validated
    from schema.documents import hash_id, read_documents

    chosen = folder or load().documents
    if chosen is None:
        raise click.UsageError("name a folder, or set CRASHGRAPH_DOCUMENTS")
    failed = False
    for source, id, text, unread in read_documents(chosen.expanduser()):
        fault = unread or validated(text)
        failed = failed or bool(fault)
        echo(f"{source}: {id}: {fault}" if fault else f"{id}  {hash_id(text)}", err=bool(fault))
    if failed:
        context.exit(1)
