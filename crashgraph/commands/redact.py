"""``crashgraph redact``."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from crashgraph.feedback_options import OUTPUT, operator, printed
from crashgraph.terminal import echo

if TYPE_CHECKING:
    from graph.erasure.redact_again import RedactionReport

NAMED = 20
"""Crashes that are named."""


@click.command()
@click.option("--again", is_flag=True, required=True, help="Redact what is stored, with today's rules.")
@click.option("--dry-run", is_flag=True, help="Only count what would be replaced.")
@OUTPUT
def redact(again: bool, dry_run: bool, output: str) -> None:
    """Replace secrets that the rules of an earlier version left in stored texts and in reports that wait in the spool.

    All texts from outside are read: reports and what was made of them, names, solutions, reasons, history. Crashes stay in
    their patterns; ids and fingerprints stay. The service may go on meanwhile; restart it before, so that new reports are
    redacted by the same rules. A run that was interrupted is completed by the next one.

    What was replaced is in Neo4j's files until the space is used again, and in older backups: see docs/operations.md.
    """
    report = asyncio.run(_redact(dry_run=dry_run))
    if output == "jsonl":
        printed([report])
    else:
        echo("\n".join(_lines(report)))


async def _redact(*, dry_run: bool) -> RedactionReport:
    from crashgraph.console import ServerSteps, counted
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.erasure.redact_again import RedactionAgain
    from graph.erasure.stored_texts import StoredTexts
    from resolvers.erasure import redact_again

    with ServerSteps() as steps:
        async with open_container(load(), steps) as parts:
            with counted("reading stored texts") as bar:
                again = RedactionAgain(
                    parts.graph,
                    StoredTexts(parts.redactor),
                    parts.embedder,
                    parts.waiting,
                    progress=lambda done: bar.update(bar.task_ids[0], completed=done),
                )
                return await redact_again(again, operator(), dry_run=dry_run)


def _lines(report: RedactionReport) -> Iterator[str]:
    done = "would be replaced" if report.dry_run else "replaced"
    yield f"{report.looked_at:,} nodes and relationships read"
    yield f"{done}: {_counts(report.kinds) or 'nothing'}"
    if report.places:
        yield f"texts: {_counts(report.places)}"
    if report.crashes:
        more = f" and {len(report.crashes) - NAMED:,} more" if len(report.crashes) > NAMED else ""
        yield f"{len(report.crashes):,} crashes: {', '.join(report.crashes[:NAMED])}{more}"
    if report.joined:
        yield f"{report.joined:,} names became one with another"
    if report.waiting:
        yield f"{report.waiting:,} crashes in the spool"
    if report.unread:
        yield f"not looked at: {report.unread:,} reports in the spool that another version of crashgraph must store"
    if report.left:
        yield f"{report.left:,} nodes changed meanwhile; run the command again"


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())
