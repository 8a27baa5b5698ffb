"""Load the sample set, real crashes of a small faulty program, and measure how well they were recognised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.algorithms.agreement import Agreement, bcubed
from graph.cypher import query
from graph.model.statement import Statement
from graph.sources.files import ReadOptions, read_path
from jobs.registry import JOBS
from jobs.runner import run_now
from samples import REPORTS, TRUTH, Truth, generate, load_truth

if TYPE_CHECKING:
    from crashgraph.wiring import Container
    from graph.ingest.receipt import Receipt

Say = Callable[[str], None]

_ANY = Statement("MATCH (c:Crash) RETURN c.crash_id AS id LIMIT 1", name="any crash")


async def load_sample(container: Container, say: Say) -> None:
    """Generate the sample set, store it, run every job once, and print the result.

    A graph with other crashes is left unchanged. An interrupted load is completed by the next one with the same reports:
    new ones would differ in addresses and count as other crashes.
    """
    folder = container.settings.home.expanduser() / "sample"
    marker = folder / "loading"
    if await container.graph.read(_ANY) and not marker.exists():
        say("Sample    not loaded: the graph already contains crashes")
        return
    if not marker.exists():
        say("Sample    running the sample program to produce real crashes …")
        await _generate(folder)
        marker.touch()
    truth = await asyncio.to_thread(load_truth, folder / TRUTH)
    say("\n".join(comparison(await _store(container, folder / REPORTS), truth)))
    await _relate(container, truth, say)
    marker.unlink()


async def _generate(folder: Path) -> None:
    from crashgraph.console import counted

    with counted("running the sample program") as bar:
        task = bar.task_ids[0]
        await asyncio.to_thread(generate, folder, progress=lambda done, of: bar.update(task, completed=done, total=of))


async def _store(container: Container, reports: Path) -> list[Receipt]:
    from crashgraph.console import counted

    stored: list[Receipt] = []
    with counted("storing reports") as bar:
        stream = container.receiver.stream(read_path(reports, ReadOptions(jsonl=True)), container.settings.batch_size)
        async for receipts in stream:
            stored += receipts
            bar.advance(bar.task_ids[0], len(receipts))
    return stored


async def _relate(container: Container, truth: Truth, say: Say) -> None:
    await container.graph.write(query("ingest/site_links", pairs=[list(pair) for pair in truth.site_links]))
    for spec in JOBS:
        run = await run_now(container.graph, spec.name, ports=container.ports)
        outcome = f"{run.edges_written or 0:,} edges" if run.state == "succeeded" else f"failed: {run.error}"
        say(f"Job       {spec.name}: {outcome}")


def comparison(receipts: Sequence[Receipt], truth: Truth) -> Iterator[str]:
    """Compare patterns with the known faults, as lines of text.

    A fault that moved to another function or version has several forms. A pattern should be one form; the job
    ``evolution`` links the forms of a fault. So patterns are compared with forms first.
    """
    patterns = [receipt.pattern_id for receipt in receipts]
    forms, faults = truth.forms_by_crash(), truth.faults_by_crash()
    by_form = bcubed(patterns, [forms[receipt.id or ""] for receipt in receipts])
    by_fault = bcubed(patterns, [faults[receipt.id or ""] for receipt in receipts])
    yield f"Sample    {len(receipts):,} crashes became {len(set(patterns)):,} patterns"
    known = f"{len(set(faults.values())):,} faults in {len(set(forms.values())):,} forms"
    yield f"          truth: {known}, over {len(truth.versions)} versions"
    yield f"          against the forms:  {_scores(by_form)}"
    yield f"          against the faults: {_scores(by_fault)}"


def _scores(agreement: Agreement) -> str:
    return f"BCubed precision {agreement.precision:.3f}, recall {agreement.recall:.3f}, F1 {agreement.f1:.3f}"
