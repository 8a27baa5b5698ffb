"""``crashgraph reprocess``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from crashgraph.feedback_options import OUTPUT, printed

if TYPE_CHECKING:
    from graph.reprocess.batch import BatchResult
    from graph.reprocess.plan_summary import PlanSummary


@click.command()
@click.option("--version", help="Version of the fingerprints to make; the newest if not given.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--examples", type=click.IntRange(0, 1000), default=10, show_default=True, help="How many examples of each kind.")
@OUTPUT
def reprocess(version: str | None, dry_run: bool, examples: int, output: str) -> None:
    """Make the fingerprints of stored crashes anew, as reports that come in now get them.

    Crashes stay in their patterns, and what people decided holds for the new fingerprints. A run that was stopped is
    finished by the next one.
    """
    from graph.reprocess.reprocessor import check_version

    wanted = check_version(version)
    told, done = asyncio.run(_run(wanted, dry_run=dry_run, examples=examples))
    if output == "jsonl":
        printed([{"dry_run": dry_run, "report": told, "done": done}])
        return
    click.echo("\n".join(_lines(told, dry_run=dry_run)))
    if done is not None:
        merged = f", {len(done.merged):,} patterns merged" if done.merged else ""
        click.echo(f"done: {done.crashes:,} crashes, {done.created:,} new signatures, {done.retired:,} replaced{merged}")


async def _run(version: str, *, dry_run: bool, examples: int) -> tuple[PlanSummary, BatchResult | None]:
    from crashgraph.console import ServerSteps, counted
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.reprocess.plan_summary import summarise
    from graph.reprocess.reprocessor import Reprocessor

    settings = load()
    with ServerSteps() as steps:
        async with open_container(settings, steps) as parts:
            with counted("reading reports again") as bar:
                task = bar.task_ids[0]
                work = Reprocessor(
                    parts.graph,
                    parts.embedder,
                    version=version,
                    progress=lambda done, of: bar.update(task, completed=done, total=of),
                )
                plan = await work.plan()
                told = await summarise(parts.graph, plan, version, examples)
                if dry_run:
                    return told, None
                bar.update(task, description="giving crashes new signatures", completed=0)
                return told, await work.apply(plan)


def _lines(told: PlanSummary, *, dry_run: bool) -> Iterator[str]:
    would = "would be" if dry_run else "are"
    if not told.signatures:
        yield f"every signature has a fingerprint of version {told.version}"
        return
    yield f"version {told.version}: {told.signatures:,} signatures of {told.crashes:,} crashes {would} made anew"
    yield f"  {told.renamed:,} renamed, {told.split:,} split, {told.joined:,} joined with others"
    if told.held:
        yield f"  {told.held:,} keep what they have, since people said that they are different"
    if told.unread:
        yield f"  {told.unread:,} crashes are understood no more; they go with the others of their signature"
    went = f"{told.patterns_merged:,} patterns merged, {told.patterns_split:,} split"
    yield f"  {told.crashes_moved:,} crashes {would} in another pattern: {went}"
    for move in told.moves:
        yield f"    {move.crashes:,} crashes from {move.source_name} [{move.source}] to {move.target_name} [{move.target}]"
    for held in told.holds:
        yield f"    kept: {held.title} [{held.exact[:16]}], verdict {held.verdict_id or 'of two people'}"
    for one in told.examples:
        yield f"    {one.title} [{one.exact[:16]}], {one.crashes:,} crashes"
        for exact, title, crashes in one.news:
            yield f"      becomes {title} [{exact[:16]}], {crashes:,} crashes"
