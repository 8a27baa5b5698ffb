"""``crashgraph job``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import click

from crashgraph.feedback_options import operator
from crashgraph.terminal import echo, print_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crashgraph.wiring import Container
    from graph.model.nodes import JobRun
    from jobs.claims import Jobs
    from jobs.spec import Progress

T = TypeVar("T")

OUTPUT = click.option(
    "--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="Output format."
)


@click.group()
def job() -> None:
    """List, run and cancel jobs, which find how patterns relate."""


@job.command("list")
def list_() -> None:
    """List every job with its schedule and its parameters, as configured, and every consumer."""
    from crashgraph.wiring import configured_jobs
    from jobs.registry import CONSUMERS
    from jobs.spec import describe_params

    for spec in configured_jobs():
        after = f", and {spec.quiet_seconds:g} s after crashes arrived" if spec.after_ingest else ""
        echo(f"{spec.name}  (version {spec.version}, {spec.schedule}{after})")
        echo(f"  {spec.help}")
        echo(f"  writes {', '.join((*spec.writes, *spec.updates)) or 'nothing'}")
        for param in describe_params(spec):
            echo(f"    {param.name} = {param.default}  {param.help}")
    for consumer in CONSUMERS:
        echo(f"{consumer.name}  (version {consumer.version}, consumer: runs in a worker all the time)")
        echo(f"  {consumer.help}")
        echo(f"  writes {', '.join(consumer.writes) or 'nothing'}")


@job.command()
@click.argument("name")
@click.option(
    "--param",
    "-P",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the job, or timeout_seconds or max_attempts.",
)
@OUTPUT
def run(name: str, params: tuple[str, ...], output: str) -> int:
    """Run a job now, in this process. Exits with 1 when it fails."""
    from crashgraph.wiring import configured_jobs
    from jobs.options import tailored
    from jobs.registry import find_job

    given = dict(_parameter(text) for text in params)
    jobs = configured_jobs()
    tailored(find_job(name, jobs), given)  # report a wrong name or value before anything starts
    done = asyncio.run(_run(name, given, jobs))
    _show([done], output)
    return 0 if done.state in ("succeeded", "superseded") else 1


@job.command()
@click.argument("run_id")
@OUTPUT
def cancel(run_id: str, output: str) -> int:
    """Cancel a waiting or running run by its id. Exits with 1 when it had ended already."""
    from jobs.claims import cancel_run

    cancelled = asyncio.run(_with_container(lambda container: cancel_run(container.graph, run_id, actor=operator())))
    _show([cancelled], output)
    if cancelled.state == "running" and output == "text":
        echo("  its worker ends it at its next heartbeat")
    return 0 if cancelled.state in ("running", "cancelled") else 1


@job.command()
@click.argument("name", required=False)
@click.option("--first", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many runs.")
@OUTPUT
def history(name: str | None, first: int, output: str) -> None:
    """List the latest runs of one job or of all, newest first."""
    from jobs.claims import history as runs_of

    runs = asyncio.run(_with_container(lambda container: runs_of(container.graph, name, first)))
    _show(runs, output)
    if not runs and output == "text":
        echo("no runs yet")


async def _run(name: str, params: dict[str, str], jobs: Jobs) -> JobRun:
    from crashgraph.console import counted
    from jobs.runner import run_now

    async def work(container: Container) -> JobRun:
        with counted(name) as bar:

            def draw(now: Progress) -> None:
                bar.update(bar.tasks[0].id, description=now.what or name, completed=now.done, total=now.total or None)

            return await run_now(
                container.graph, name, params, actor=operator(), jobs=jobs, ports=container.ports, on_progress=draw
            )

    return await _with_container(work)


async def _with_container(work: Callable[[Container], Awaitable[T]]) -> T:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container

    settings = load()
    with ServerSteps() as steps:
        async with open_container(settings, steps) as container:
            steps.close()
            return await work(container)


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--param")
    return name, value


def _show(runs: list[JobRun], output: str) -> None:
    import dataclasses

    import orjson

    if output == "jsonl":
        print_json(dataclasses.asdict(each) for each in runs)
        return
    for each in runs:
        took = f" in {each.duration_seconds:.1f} s" if each.duration_seconds is not None else ""
        echo(f"{each.job}  {each.state}{took}  {each.started_at or each.requested_at or ''}  run {each.run_id}")
        if each.error:
            echo(f"  error: {each.error}")
        if each.next_attempt_at:
            echo(f"  attempt {each.attempt} failed; the next is at {each.next_attempt_at}")
        if each.edges_written is not None:
            echo(f"  {each.edges_written:,} edges written, {each.edges_removed or 0:,} stale ones removed")
        if each.nodes_written or each.nodes_removed:
            echo(f"  {each.nodes_written or 0:,} nodes written, {each.nodes_removed or 0:,} stale ones removed")
        for name, value in (orjson.loads(each.counts) if each.counts else {}).items():
            echo(f"    {name.replace('_', ' ')}: {value:g}" if isinstance(value, int | float) else f"    {name}: {value}")
