"""``crashgraph match``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from crashgraph.asked_service import SERVICE, AskedService, chosen_service
from crashgraph.terminal import print_rendered

if TYPE_CHECKING:
    from crashgraph.settings import Settings
    from graph.sources.submission import Submission


@click.command()
@click.argument("path", metavar="PATH|-")
@click.option("--format", "format_", default="auto", show_default=True, help="Format of the report.")
@click.option("--jsonl", is_flag=True, help="One JSON object per line.")
@click.option("--candidates", type=click.IntRange(0, 100), default=5, show_default=True, help="Candidate patterns to show.")
@click.option("--explain", is_flag=True, help="Show the result of every stage of the cascade, and the contributing parts.")
@SERVICE
@click.option("--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="What to print.")
def match(path: str, format_: str, jsonl: bool, candidates: int, explain: bool, service: str | None, output: str) -> None:
    """Match a report: its pattern, why, the confidence, and what fixed it before. Nothing is stored.

    Asks the service of this installation if one is running.
    """
    from crashgraph.settings import load
    from graph.sources.files import STANDARD_INPUT, ReadOptions, files, read_path

    if format_ != "auto":
        from graph.parsing.read import read  # loads every parser

        read("", format_)  # reject an unknown format before anything is started
    if path != STANDARD_INPUT:
        files(path)
    settings = load()
    submissions = read_path(path, ReadOptions(format=format_, jsonl=True if jsonl else None))
    options = Rendering(candidates, explain=explain, jsonl=output == "jsonl")
    with chosen_service(settings, service) as asked:
        if asked is not None:
            submissions = _match_by_service(asked, submissions, options)
        first = next(iter(submissions), None)
    if asked is None or first is not None:
        import asyncio

        asyncio.run(_match_here(settings, chain([first] if first is not None else [], submissions), options))


class Rendering:
    """How answers are printed."""

    def __init__(self, candidates: int, *, explain: bool, jsonl: bool) -> None:
        """``candidates`` patterns at most are shown."""
        self.candidates = candidates
        self.explain = explain
        self.jsonl = jsonl


def _match_by_service(
    service: AskedService[Any], submissions: Iterator[Submission], options: Rendering
) -> Iterator[Submission]:
    """Print the service's answers; yields the submissions that it did not answer because it stopped."""
    from graph.model.errors import ServiceGoneError

    for submission in submissions:
        try:
            answer = service.match(submission, candidates=options.candidates, explain=options.explain, jsonl=options.jsonl)
        except ServiceGoneError:
            yield submission
            yield from submissions
        else:
            print_rendered(answer)


async def _match_here(settings: Settings, submissions: Iterable[Submission], options: Rendering) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.match_text import render_answers
    from crashgraph.wiring import open_reader

    with ServerSteps() as steps:
        async with open_reader(settings, steps) as container:
            for submission in submissions:
                answers = await container.matcher.match(submission, options.candidates)
                print_rendered(render_answers(submission, answers, explain=options.explain, jsonl=options.jsonl))
