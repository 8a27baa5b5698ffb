"""``crashgraph ingest``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crashgraph.asked_service import SERVICE, AskedService, chosen_service
from crashgraph.feedback_options import operator
from crashgraph.receipt_text import ReceiptPrinter
from crashgraph.terminal import echo

if TYPE_CHECKING:
    from crashgraph.local_service.client import ReceiptRow
    from crashgraph.settings import Settings
    from crashgraph.wiring import Container
    from graph.ingest.receipt import Receipt
    from graph.sources.files import ReadOptions
    from graph.sources.submission import Submission
    from graph.sources.tail import Follower

SOME_UNPARSED = 3
POLL_SECONDS = 0.5


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...|-]")
@click.option("--format", "format_", default="auto", show_default=True, help="Format of the reports.")
@click.option("--jsonl", is_flag=True, help="One JSON object per line.")
@click.option("--site", help="Site where the reports come from.")
@click.option("--product", help="Program that crashed.")
@click.option("--version", help="Version of the program.")
@click.option("--candidates", type=click.IntRange(0, 100), default=0, help="Also print this many candidate patterns.")
@SERVICE
@click.option("--follow", is_flag=True, help="Keep reading the named logs as they grow, until Ctrl-C.")
@click.option(
    "--quiet-time",
    type=click.FloatRange(0, 3600),
    default=10.0,
    show_default=True,
    help="With --follow: seconds without new text after which a report is complete.",
)
@click.option("--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="What to print.")
def ingest(
    paths: tuple[str, ...],
    format_: str,
    jsonl: bool,
    site: str | None,
    product: str | None,
    version: str | None,
    candidates: int,
    service: str | None,
    follow: bool,
    quiet_time: float,
    output: str,
) -> int:
    """Store crash reports from files, folders or standard input.

    Exits with 0 if all were parsed and stored, 3 if some are stored as unparsed. The service of this installation stores
    them if one is running.

    With --follow each log is read from its beginning the first time, and from the last position after that.
    """
    from graph.sources.files import STANDARD_INPUT, ReadOptions

    if not paths and sys.stdin.isatty():
        raise click.UsageError("nothing to read: name files or folders, or pipe reports in")
    if format_ != "auto":
        from graph.parsing.read import read  # loads every parser

        read("", format_)  # reject an unknown format before anything is started
    options = ReadOptions(format=format_, jsonl=True if jsonl else None, product=product, version=version, site=site)
    printer = ReceiptPrinter(candidates, jsonl=output == "jsonl")
    if follow:
        if service is not None:
            raise click.UsageError("--follow stores in the graph of this home; it cannot be combined with --service")
        if not paths or STANDARD_INPUT in paths or any(Path(path).is_dir() for path in paths):
            raise click.UsageError("--follow needs the names of log files; standard input and folders cannot be followed")
        return asyncio.run(_follow(paths, options, quiet_time, printer))
    return _run(paths or (STANDARD_INPUT,), options, printer, service)


def _run(paths: tuple[str, ...], options: ReadOptions, printer: ReceiptPrinter, url: str | None) -> int:
    """Store through the service at an address, or that of this installation if one is running, else here."""
    from crashgraph.settings import load
    from graph.sources.files import STANDARD_INPUT, files

    for path in paths:
        if path != STANDARD_INPUT:
            files(path)
    settings = load()
    submissions = _submissions(paths, options)
    with chosen_service(settings, url) as service:
        if service is not None:
            submissions = _store_by_service(service, submissions, printer)
        first = next(submissions, None)
    if service is None or first is not None:
        asyncio.run(_store_here(settings, chain([first] if first is not None else [], submissions), printer))
    printer.finish()
    return SOME_UNPARSED if printer.tally.not_understood else 0


def _store_by_service(
    service: AskedService[Any], submissions: Iterable[Submission], printer: ReceiptPrinter
) -> Iterator[Submission]:
    """Print the service's receipts; yields the submissions that it did not answer because it stopped.

    Some of these may have been stored: they come back as already stored.
    """
    from graph.model.errors import ServiceGoneError

    gone = False
    with _progress() as advance:
        for batch, packed in service.batches(submissions):
            if not gone:
                try:
                    rows = service.store(packed, candidates=printer.candidates, person=operator().name)
                except ServiceGoneError:
                    gone = True
                else:
                    advance(len(rows))
                    printer.add(rows)
                    continue
            yield from batch


async def _store_here(settings: Settings, submissions: Iterable[Submission], printer: ReceiptPrinter) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.wiring import open_reader

    with ServerSteps() as steps:
        async with open_reader(settings, steps) as container:
            steps.close()
            batches = container.receiver.stream(
                submissions, settings.batch_size, candidates=printer.candidates, actor=operator()
            )
            with _progress() as advance:
                async for receipts in batches:
                    advance(len(receipts))
                    printer.add(_rows(receipts, printer.candidates))


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal; the function that advances it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from crashgraph.console import counted

    with counted("storing reports") as bar:
        yield lambda count: bar.advance(bar.task_ids[0], count)


def _rows(receipts: Iterable[Receipt], candidates: int) -> list[ReceiptRow]:
    from graph.ingest.receipt import as_json

    return [as_json(receipt, with_candidates=candidates > 0) for receipt in receipts]


async def _follow(paths: tuple[str, ...], options: ReadOptions, quiet: float, printer: ReceiptPrinter) -> int:
    """Store reports as they are appended to the logs, until a signal to stop."""
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.stopping import until_stopped
    from crashgraph.wiring import open_reader
    from graph.sources.tail import Follower

    settings = load()
    folder = settings.home.expanduser() / "follow"
    stopped = asyncio.ensure_future(until_stopped())
    with ServerSteps() as steps:
        async with open_reader(settings, steps) as container:
            steps.close()
            followers = [Follower(Path(path), folder, options, quiet) for path in paths]
            echo(f"Following {', '.join(paths)}. Ctrl-C to stop.", err=True)
            try:
                while not stopped.done():
                    busy = [await _take(container, follower, printer) for follower in followers]
                    if not any(busy):
                        await asyncio.wait([stopped], timeout=POLL_SECONDS)
                for follower in followers:
                    await _store(container, follower.rest(), printer)
            finally:
                for follower in followers:
                    follower.close()
    printer.finish()
    return 0


async def _take(container: Container, follower: Follower, printer: ReceiptPrinter) -> bool:
    """Store what was appended to one log; true if there is more to read at once."""
    await _store(container, await asyncio.to_thread(follower.poll), printer)
    follower.save_position()
    return follower.busy


async def _store(container: Container, submissions: Sequence[Submission], printer: ReceiptPrinter) -> None:
    size = container.settings.batch_size
    for start in range(0, len(submissions), size):
        receipts = await container.receiver.receive(
            submissions[start : start + size], candidates=printer.candidates, actor=operator()
        )
        printer.add(_rows(receipts, printer.candidates), each=True)


def _submissions(paths: Iterable[str], options: ReadOptions) -> Iterator[Submission]:
    from graph.sources.files import read_path

    for path in paths:
        yield from read_path(path, options)
