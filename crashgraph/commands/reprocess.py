"""``crashgraph reprocess``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from crashgraph.feedback_options import OUTPUT, operator, printed
from crashgraph.terminal import echo

if TYPE_CHECKING:
    from graph.reprocess.batch import BatchResult
    from graph.reprocess.plan_summary import PlanSummary


@click.command()
@click.option("--version", help="Version of the fingerprints; by default the newest.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option(
    "--examples", type=click.IntRange(0, 1000), default=10, show_default=True, help="Number of examples of each kind."
)
@OUTPUT
def reprocess(version: str | None, dry_run: bool, examples: int, output: str) -> None:
    """Recompute the fingerprints of stored crashes with the current parsers and normalisation.

    Crashes stay in their patterns unless two patterns now share a fingerprint, or a pattern was of different faults below one
    wrapper. Verdicts apply to the new fingerprints. A run that was interrupted is completed by the next one.
    """
    from graph.reprocess.reprocessor import check_version

    wanted = check_version(version)
    summary, result = asyncio.run(_run(wanted, dry_run=dry_run, examples=examples))
    if output == "jsonl":
        printed([{"dry_run": dry_run, "report": summary, "done": result}])
        return
    echo("\n".join(_lines(summary, dry_run=dry_run)))
    if result is not None:
        merged = f", {len(result.merged):,} patterns merged" if result.merged else ""
        echo(f"done: {result.crashes:,} crashes, {result.created:,} new signatures, {result.retired:,} replaced{merged}")


async def _run(version: str, *, dry_run: bool, examples: int) -> tuple[PlanSummary, BatchResult | None]:
    from crashgraph.console import ServerSteps, counted
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.knowledge.audit import audit_statement
    from graph.reprocess.plan_summary import summarise
    from graph.reprocess.reprocessor import Reprocessor

    settings = load()
    with ServerSteps() as steps:
        async with open_container(settings, steps) as parts:
            with counted("reparsing reports") as bar:
                task = bar.task_ids[0]
                reprocessor = Reprocessor(
                    parts.graph,
                    parts.embedder,
                    version=version,
                    progress=lambda done, of: bar.update(task, completed=done, total=of),
                )
                plan = await reprocessor.plan()
                summary = await summarise(parts.graph, plan, version, examples)
                if dry_run:
                    return summary, None
                bar.update(task, description="moving crashes to new signatures", completed=0)
                done = await reprocessor.apply(plan)
                await parts.graph.write(audit_statement(operator(), "reprocess", count=done.crashes, detail=version))
                return summary, done


def _lines(summary: PlanSummary, *, dry_run: bool) -> Iterator[str]:
    would = "would be" if dry_run else "are"
    if not summary.signatures:
        yield f"every signature has a fingerprint of version {summary.version}"
        return
    yield f"version {summary.version}: {summary.signatures:,} signatures of {summary.crashes:,} crashes {would} recomputed"
    yield f"  {summary.renamed:,} renamed, {summary.split:,} split, {summary.joined:,} joined with others"
    if summary.held:
        yield f"  {summary.held:,} keep their fingerprint, as a verdict calls them distinct"
    if summary.unread:
        yield f"  {summary.unread:,} crashes can no longer be parsed; they follow the others of their signature"
    went = f"{summary.patterns_merged:,} patterns merged, {summary.patterns_split:,} split"
    yield f"  {summary.crashes_moved:,} crashes {would} in another pattern: {went}"
    for move in summary.moves:
        yield f"    {move.crashes:,} crashes from {move.source_name} [{move.source}] to {move.target_name} [{move.target}]"
    for held in summary.holds:
        yield f"    kept: {held.title} [{held.exact[:16]}], verdict {held.verdict_id or 'of two people'}"
    for one in summary.examples:
        yield f"    {one.title} [{one.exact[:16]}], {one.crashes:,} crashes"
        for exact, title, crashes in one.news:
            yield f"      becomes {title} [{exact[:16]}], {crashes:,} crashes"
