"""``crashgraph job``."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from crashgraph.feedback_options import operator

if TYPE_CHECKING:
    from graph.model.nodes import JobRun
    from jobs.claims import Jobs
    from jobs.spec import Progress

OUTPUT = click.Choice(["text", "jsonl"])


@click.group()
def job() -> None:
    """The jobs that discover how patterns relate."""


@job.command("list")
def list_() -> None:
    """Every job, its schedule and its parameters, as settings have them."""
    from crashgraph.wiring import configured_jobs
    from jobs.spec import describe_params

    for spec in configured_jobs():
        after = f", and {spec.quiet_seconds:g} s after crashes arrived" if spec.after_ingest else ""
        click.echo(f"{spec.name}  (version {spec.version}, {spec.schedule}{after})")
        click.echo(f"  {spec.help}")
        click.echo(f"  writes {', '.join(spec.writes) or 'nothing'}")
        for param in describe_params(spec):
            click.echo(f"    {param.name} = {param.default}  {param.help}")


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
@click.option("--output", type=OUTPUT, default="text", show_default=True, help="What to print.")
def run(name: str, params: tuple[str, ...], output: str) -> int:
    """Run a job now, in this process. Exits with 1 when it fails."""
    from crashgraph.wiring import configured_jobs
    from jobs.options import tailored
    from jobs.registry import find_job

    given = dict(_parameter(one) for one in params)
    jobs = configured_jobs()
    tailored(find_job(name, jobs), given)  # a wrong name or value is told before anything is started
    done = asyncio.run(_run(name, given, jobs))
    _show([done], output)
    return 0 if done.state in ("succeeded", "superseded") else 1


@job.command()
@click.argument("run_id")
@click.option("--output", type=OUTPUT, default="text", show_default=True, help="What to print.")
def cancel(run_id: str, output: str) -> int:
    """Cancel a run that waits or runs, by its id. Exits with 1 when it had ended already."""
    found = asyncio.run(_cancel(run_id))
    _show([found], output)
    if found.state == "running" and output == "text":
        click.echo("  its worker ends it at its next heartbeat")
    return 0 if found.state in ("running", "cancelled") else 1


@job.command()
@click.argument("name", required=False)
@click.option("--first", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many runs.")
@click.option("--output", type=OUTPUT, default="text", show_default=True, help="What to print.")
def history(name: str | None, first: int, output: str) -> None:
    """The latest runs of one job or of all."""
    runs = asyncio.run(_history(name, first))
    _show(runs, output)
    if not runs and output == "text":
        click.echo("no runs yet")


async def _run(name: str, params: dict[str, str], jobs: Jobs) -> JobRun:
    from crashgraph.console import ServerSteps, counted
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from jobs.runner import run_now

    settings = load()
    with ServerSteps() as steps:
        async with open_container(settings, steps) as container:
            steps.close()
            with counted(name) as bar:

                def draw(now: Progress) -> None:
                    bar.update(bar.tasks[0].id, description=now.what or name, completed=now.done, total=now.total or None)

                return await run_now(container.graph, name, params, actor=operator(), jobs=jobs, on_progress=draw)


async def _cancel(run_id: str) -> JobRun:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from jobs.claims import cancel_run

    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            return await cancel_run(container.graph, run_id, actor=operator())


async def _history(name: str | None, first: int) -> list[JobRun]:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from jobs.claims import history as runs_of

    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            return await runs_of(container.graph, name, first)


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--param")
    return name, value


def _show(runs: list[JobRun], output: str) -> None:
    import dataclasses

    import orjson

    if output == "jsonl":
        for one in runs:
            sys.stdout.buffer.write(orjson.dumps(dataclasses.asdict(one)) + b"\n")
        sys.stdout.buffer.flush()
        return
    for one in runs:
        took = f" in {one.duration_seconds:.1f} s" if one.duration_seconds is not None else ""
        click.echo(f"{one.job}  {one.state}{took}  {one.started_at or one.requested_at or ''}  run {one.run_id}")
        if one.error:
            click.echo(f"  error: {one.error}")
        if one.next_attempt_at:
            click.echo(f"  attempt {one.attempt} failed; the next is at {one.next_attempt_at}")
        if one.edges_written is not None:
            click.echo(f"  {one.edges_written:,} edges written, {one.edges_removed or 0:,} stale ones removed")
        for name, value in (orjson.loads(one.counts) if one.counts else {}).items():
            click.echo(f"    {name.replace('_', ' ')}: {value:g}" if isinstance(value, int | float) else f"    {name}: {value}")
