"""``crashgraph match``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from graph.ingest.receipt import MatchAnswer
    from graph.sources.files import ReadOptions
    from graph.sources.submission import Submission


@click.command()
@click.argument("path", metavar="PATH|-")
@click.option("--format", "format_", default="auto", show_default=True, help="Format of the report.")
@click.option("--jsonl", is_flag=True, help="One JSON object a line.")
@click.option("--candidates", type=click.IntRange(0, 100), default=5, show_default=True, help="Candidate patterns to show.")
@click.option("--explain", is_flag=True, help="Show the result of every stage of the cascade, and what counted.")
@click.option("--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="What to print.")
def match(path: str, format_: str, jsonl: bool, candidates: int, explain: bool, output: str) -> None:
    """Match a report: its pattern, why, the confidence, and what fixed it before. Nothing is stored."""
    from graph.parsing.read import read
    from graph.sources.files import STANDARD_INPUT, ReadOptions, files

    read("", format_)  # fail on an unknown format before anything is started
    if path != STANDARD_INPUT:
        files(path)
    options = ReadOptions(format=format_, jsonl=True if jsonl else None)
    asyncio.run(_run(path, options, candidates, explain, output))


async def _run(path: str, options: ReadOptions, candidates: int, explain: bool, output: str) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.sources.files import read_path

    settings = load()
    with ServerSteps() as steps:
        async with open_container(settings, steps) as parts:
            for submission in read_path(path, options):
                for answer in await parts.matcher.match(submission, candidates):
                    if output == "jsonl":
                        _print_json(submission, answer, explain)
                    else:
                        click.echo("\n".join(_lines(submission, answer, explain)))


def _print_json(submission: Submission, answer: MatchAnswer, explain: bool) -> None:
    import orjson

    from graph.ingest.receipt import plain

    line = {"source": submission.source, "id": submission.id, **plain(answer)}
    if not explain:
        del line["components"]
        line["candidates"] = [{"pattern_id": one.pattern_id, "score": one.score} for one in answer.candidates]
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


def _lines(submission: Submission, answer: MatchAnswer, explain: bool) -> Iterator[str]:
    yield f"{submission.source}" + (f" ({submission.id})" if submission.id else "")
    if answer.strategy is None:
        yield f"  not parsed: {answer.reason}"
        return
    if answer.is_new:
        yield f"  NEW, would be called: {answer.pattern_name}"
        yield f"  sure {answer.confidence:.0%} that it is none of the known patterns"
    else:
        yield f"  {answer.pattern_name}  [{answer.pattern_id}]"
        yield f"  sure {answer.confidence:.0%}, by {answer.strategy} match"
        yield f"  seen {answer.occurrence_count:,} times, first {answer.first_seen}, last {answer.last_seen}"
        yield from _known(answer)
    yield from _track_record(answer)
    yield f"  {answer.format} report, {answer.frame_count} frames, culprit {answer.culprit or 'unknown'}"
    if answer.diagnosis:
        yield f"  {answer.diagnosis.cluster_id}: {answer.diagnosis.title} (sure {answer.diagnosis.confidence:.0%})"
        yield f"    hint: {answer.diagnosis.hint}"
    for line in answer.explanation if explain else answer.explanation[-1:]:
        yield f"    why: {line}"
    if explain:
        yield from _components(answer)
    if answer.candidates:
        yield "  candidates: " + ", ".join(f"{one.pattern_id} {one.score:.3f}" for one in answer.candidates)
    yield from _solutions(answer)


def _known(answer: MatchAnswer) -> Iterator[str]:
    """Sites and versions, state, and the description by people."""
    known = answer.known
    if known is None:
        return
    for what, places in (("sites", known.sites), ("versions", known.versions)):
        if places:
            yield f"  {what}: " + ", ".join(f"{one.name} ({one.crashes:,})" for one in places)
    state = known.status
    if known.resolved_version:
        state += f", resolved in {known.resolved_version}"
    if known.regressed_version:
        state += f", seen again in {known.regressed_version}"
    yield f"  {state}; validated {known.validation_count} times, {known.false_positive_count} of them wrong"
    for text in (known.description, known.root_cause):
        if text:
            yield f"  {text}"


def _track_record(answer: MatchAnswer) -> Iterator[str]:
    """The share of earlier answers of this confidence that were right."""
    record = answer.track_record
    if record is None:
        return
    if record.share is None:
        yield f"  too few such answers were validated to know how often they are right ({record.cases})"
    else:
        yield f"  of {record.cases} answers as sure as this one, {record.right} were right ({record.share:.0%})"


def _solutions(answer: MatchAnswer) -> Iterator[str]:
    from crashgraph.commands.pattern import solution_lines

    for solution in answer.solutions:
        yield from solution_lines(solution)
    if not answer.is_new and not answer.solutions:
        yield "  no solution is recorded for it yet"


def _components(answer: MatchAnswer) -> Iterator[str]:
    """One line per part of the report: the levels it counts for, its normalised text, and why."""
    yield "  what counted:"
    for one in answer.components:
        counts = ", ".join(one.levels) or "nothing"
        why = f" ({'; '.join(one.hints)})" if one.hints else ""
        yield f"    {one.part} [{counts}] {one.normalised}{why}"
