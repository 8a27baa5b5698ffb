"""``crashgraph ingest``."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crashgraph.feedback_options import operator

if TYPE_CHECKING:
    from crashgraph.wiring import Container
    from graph.ingest.receipt import Receipt
    from graph.sources.files import ReadOptions
    from graph.sources.submission import Submission
    from graph.sources.tail import Follower

SOME_UNPARSED = 3
REASONS_SHOWN = 10
POLL_SECONDS = 0.5


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...|-]")
@click.option("--format", "format_", default="auto", show_default=True, help="Format of the reports.")
@click.option("--jsonl", is_flag=True, help="One JSON object a line.")
@click.option("--site", help="Site where the reports come from.")
@click.option("--product", help="Program that crashed.")
@click.option("--version", help="Version of the program.")
@click.option("--candidates", type=click.IntRange(0, 100), default=0, help="Also print this many candidate patterns.")
@click.option("--follow", is_flag=True, help="Keep reading the named logs as they grow, until Ctrl-C.")
@click.option(
    "--quiet-time",
    type=click.FloatRange(0, 3600),
    default=2.0,
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
    follow: bool,
    quiet_time: float,
    output: str,
) -> int:
    """Store crash reports from files, folders or standard input.

    Exits with 0 if all reports were parsed and stored, 3 if some were stored as unparsed.

    With --follow, a log is read from its beginning the first time, and then from the saved position.
    """
    from graph.parsing.read import read
    from graph.sources.files import STANDARD_INPUT, ReadOptions

    if not paths and sys.stdin.isatty():
        raise click.UsageError("nothing to read: name files or folders, or pipe reports in")
    read("", format_)  # fail on an unknown format before anything is started
    options = ReadOptions(format=format_, jsonl=True if jsonl else None, product=product, version=version, site=site)
    if follow:
        if not paths or STANDARD_INPUT in paths or any(Path(path).is_dir() for path in paths):
            raise click.UsageError("--follow needs the names of log files; standard input and folders cannot be followed")
        return asyncio.run(_follow(paths, options, quiet_time, candidates, output))
    return asyncio.run(_run(paths or (STANDARD_INPUT,), options, candidates, output))


async def _run(paths: tuple[str, ...], options: ReadOptions, candidates: int, output: str) -> int:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.sources.files import STANDARD_INPUT, files

    for path in paths:
        if path != STANDARD_INPUT:
            files(path)
    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            steps.close()
            return await _store(container, paths, options, candidates, output)


async def _store(container: Container, paths: tuple[str, ...], options: ReadOptions, candidates: int, output: str) -> int:
    from crashgraph.console import counted

    tally = Tally()
    with counted("storing reports") as bar:
        async for receipts in container.receiver.stream(
            _submissions(paths, options), container.settings.batch_size, candidates=candidates, actor=operator()
        ):
            bar.advance(bar.task_ids[0], len(receipts))
            tally.add(receipts)
            if output == "jsonl":
                _print_lines(receipts, with_candidates=candidates > 0)
    if output == "text":
        click.echo(tally.summary())
    return SOME_UNPARSED if tally.not_understood else 0


async def _follow(paths: tuple[str, ...], options: ReadOptions, quiet: float, candidates: int, output: str) -> int:
    """Store new reports of the logs until the process is stopped."""
    from crashgraph.console import ServerSteps
    from crashgraph.serving import until_stopped
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.sources.tail import Follower

    settings = load()
    folder = settings.home.expanduser() / "follow"
    stopped = asyncio.ensure_future(until_stopped())
    tally = Tally()
    with ServerSteps() as steps:
        async with open_container(settings, steps) as container:
            steps.close()
            followers = [Follower(Path(path), folder, options, quiet) for path in paths]
            click.echo(f"Following {', '.join(paths)}. Ctrl-C to stop.", err=True)
            try:
                while not stopped.done():
                    busy = [await _take(container, one, tally, candidates, output) for one in followers]
                    if not any(busy):
                        await asyncio.wait([stopped], timeout=POLL_SECONDS)
            finally:
                for one in followers:
                    one.close()
    if output == "text":
        click.echo(tally.summary())
    return 0


async def _take(container: Container, follower: Follower, tally: Tally, candidates: int, output: str) -> bool:
    """Store new reports of one log; whether more text is waiting."""
    submissions = await asyncio.to_thread(follower.poll)
    size = container.settings.batch_size
    for start in range(0, len(submissions), size):
        receipts = await container.receiver.receive(submissions[start : start + size], candidates=candidates, actor=operator())
        tally.add(receipts)
        if output == "jsonl":
            _print_lines(receipts, with_candidates=candidates > 0)
        else:
            for one in receipts:
                click.echo(f"{one.status} {one.pattern_name or one.reason or ''} ({one.source})")
    follower.save_position()
    return follower.busy


def _submissions(paths: Iterable[str], options: ReadOptions) -> Iterator[Submission]:
    from graph.sources.files import read_path

    for path in paths:
        yield from read_path(path, options)


def _print_lines(receipts: Iterable[Receipt], *, with_candidates: bool) -> None:
    import orjson

    from graph.ingest.receipt import as_json

    for receipt in receipts:
        sys.stdout.buffer.write(orjson.dumps(as_json(receipt, with_candidates=with_candidates)) + b"\n")
    sys.stdout.buffer.flush()


class Tally:
    """Counts of stored reports, for the summary."""

    def __init__(self) -> None:
        """Start at zero."""
        self.total = 0
        self.duplicates = 0
        self.new_patterns = 0
        self.patterns: set[str] = set()
        self.strategies: Counter[str] = Counter()
        self.reasons: list[str] = []
        self.not_understood = 0

    def add(self, receipts: Iterable[Receipt]) -> None:
        """Add receipts."""
        from graph.ingest.receipt import is_duplicate

        for receipt in receipts:
            self.total += 1
            self.new_patterns += receipt.is_new
            if receipt.pattern_id:
                self.patterns.add(receipt.pattern_id)
            if receipt.status != "matched":
                self.not_understood += 1
                self.reasons.append(f"{receipt.source}: {receipt.status}: {receipt.reason}")
            if is_duplicate(receipt):
                self.duplicates += 1
            elif receipt.strategy:
                self.strategies[receipt.strategy] += 1

    def summary(self) -> str:
        """The summary, in a few lines."""
        stored = self.total - self.duplicates
        reports = f"{self.total:,} {_plural('report', self.total)}"
        lines = [f"{reports}: {stored:,} stored, {self.duplicates:,} already stored (unchanged)."]
        if self.total and not stored:
            lines.append("Nothing changed: every one of these reports was stored before.")
        if self.strategies:
            strategies = ", ".join(f"{count:,} {strategy}" for strategy, count in self.strategies.most_common())
            patterns = f"{len(self.patterns):,} {_plural('pattern', len(self.patterns))}"
            lines.append(f"{patterns}, {self.new_patterns:,} of them new ({strategies}).")
        if self.not_understood:
            are = "is" if self.not_understood == 1 else "are"
            lines.append(f"{self.not_understood:,} could not be parsed and {are} stored as received:")
            lines += [f"  {one_line(reason)}" for reason in islice(self.reasons, REASONS_SHOWN)]
            if len(self.reasons) > REASONS_SHOWN:
                lines.append(f"  … and {len(self.reasons) - REASONS_SHOWN:,} more")
        return "\n".join(lines)


def one_line(text: str, limit: int = 300) -> str:
    """A text cut to one line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
