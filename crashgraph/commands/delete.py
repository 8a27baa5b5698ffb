"""``crashgraph delete``."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import click

from crashgraph.feedback_options import OUTPUT, operator, printed
from crashgraph.terminal import echo

if TYPE_CHECKING:
    from graph.erasure.deletion import DeletionPreview, DeletionResult

F = TypeVar("F", bound=Callable[..., object])
NAMED = 5
"""Patterns that are named before the question."""


def _deletion(command: F) -> F:
    """The options of every deletion."""
    dry_run = click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
    return dry_run(click.option("--yes", is_flag=True, help="Do not ask for confirmation.")(OUTPUT(command)))


@click.group()
def delete() -> None:
    """Delete crashes with everything that only they brought.

    With a crash go its report, facts and validations, the signatures, patterns and environments that have no crash left, and
    what history, verdicts and events keep of them. Patterns that stay are recounted. Solutions stay.

    The space in Neo4j's files is reused by later writes; until then, and in its transaction logs for as long as they are kept,
    the bytes remain on the disk, and in what `crashgraph db backup` writes.
    """


@delete.command()
@click.argument("ids", nargs=-1, required=True)
@_deletion
def crash(ids: tuple[str, ...], dry_run: bool, yes: bool, output: str) -> None:
    """Delete the crashes with these IDS."""
    asyncio.run(_delete("crash", ids, dry_run=dry_run, yes=yes, output=output))


@delete.command()
@click.argument("id")
@_deletion
def pattern(id: str, dry_run: bool, yes: bool, output: str) -> None:
    """Delete all crashes of the pattern ID, and thereby the pattern."""
    asyncio.run(_delete("pattern", (id,), dry_run=dry_run, yes=yes, output=output))


@delete.command()
@click.argument("name")
@_deletion
def user(name: str, dry_run: bool, yes: bool, output: str) -> None:
    """Delete all crashes of the affected user NAME, given as reported or as the placeholder that is stored."""
    asyncio.run(_delete("user", (name,), dry_run=dry_run, yes=yes, output=output))


@delete.command()
@click.argument("name")
@_deletion
def site(name: str, dry_run: bool, yes: bool, output: str) -> None:
    """Delete all crashes of the site NAME, and the site."""
    asyncio.run(_delete("site", (name,), dry_run=dry_run, yes=yes, output=output))


async def _delete(kind: str, keys: tuple[str, ...], *, dry_run: bool, yes: bool, output: str) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.erasure.targets import DeletionTarget, TargetKind
    from resolvers.erasure import delete_crashes, preview_deletion

    with ServerSteps() as steps:
        async with open_container(load(), steps) as parts:
            if kind == TargetKind.USER:
                keys = tuple(parts.redactor.user(name) for name in keys)
            target = DeletionTarget(TargetKind(kind), keys)
            preview = await preview_deletion(parts.graph, target, parts.waiting)
            result = None
            if not dry_run:
                if not yes:
                    echo("\n".join(_preview_lines(preview)), err=True)
                    click.confirm("Delete them for good?", abort=True, err=True)
                result = await delete_crashes(parts.graph, target, operator(), parts.waiting)
    if output == "jsonl":
        printed([{"dry_run": dry_run, "would_delete": preview} if result is None else {"dry_run": False, "deleted": result}])
    else:
        echo("\n".join(_preview_lines(preview) if result is None else _result_lines(result)))


def _preview_lines(preview: DeletionPreview) -> Iterator[str]:
    yield f"{preview.crashes:,} crashes with {preview.validations:,} validations"
    if preview.waiting:
        yield f"{preview.waiting:,} crashes that are accepted and not stored yet"
    yield f"{preview.signatures:,} signatures and {preview.environments:,} environments that have no other crash"
    yield f"{len(preview.patterns):,} patterns that have no other crash"
    yield from (f"  {name}" for name in preview.patterns[:NAMED])
    if len(preview.patterns) > NAMED:
        yield f"  and {len(preview.patterns) - NAMED:,} more"


def _result_lines(result: DeletionResult) -> Iterator[str]:
    values = dataclasses.asdict(result)
    gone = ("crashes", "validations", "signatures", "frames", "patterns", "environments", "sites")
    yield "deleted: " + ", ".join(f"{values[name]:,} {name}" for name in gone)
    yield f"patterns that stay: {result.recounted:,} recounted, {result.renamed:,} renamed"
    if result.waiting:
        yield f"dropped before they were stored: {result.waiting:,} crashes"
    if result.unread:
        yield f"not looked at: {result.unread:,} reports in the spool that another version of crashgraph must store"
    yield f"verdicts changed: {result.verdicts:,}; solutions left without a pattern: {result.solutions:,}"
