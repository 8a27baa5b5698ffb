"""``crashgraph up``, ``serve`` and ``worker``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

from graph.model.errors import CrashgraphError

if TYPE_CHECKING:
    import socket

    from crashgraph.app import Service
    from crashgraph.door import Door
    from crashgraph.settings import Settings
    from crashgraph.wiring import Parts


FIRST_PAGES_SECONDS = 1.0

log = logging.getLogger(__name__)


@click.command()
@click.option("--sample", is_flag=True, help="Load the sample set into an empty graph first.")
def up(sample: bool) -> None:
    """Run Neo4j if needed, the worker and the server; Ctrl-C stops them all."""
    _main("up", serve=True, work=True, sample=sample)


@click.command()
def serve() -> None:
    """Run the server only."""
    _main("serve", serve=True, work=False)


@click.command()
def worker() -> None:
    """Run the worker of the scheduled jobs only."""
    _main("worker", serve=False, work=True)


def _main(role: str, *, serve: bool, work: bool, sample: bool = False) -> None:
    from crashgraph.console import configure_logging
    from crashgraph.settings import load
    from crashgraph.wiring import jobs_in_force

    settings = load()
    jobs_in_force()  # a wrong setting of a job is told before anything is started
    configure_logging(settings.log_level)
    asyncio.run(_run(settings, role, serve=serve, work=work, sample=sample))


async def _run(settings: Settings, role: str, *, serve: bool, work: bool, sample: bool) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.door import Door, held, path_of
    from crashgraph.serving import listening_socket, until_stopped
    from crashgraph.unanswered import resume
    from crashgraph.wiring import opened
    from graph.server import HomeLock

    async with AsyncExitStack() as stack:
        lock = stack.enter_context(HomeLock(settings.home, role)) if role == "up" else None
        left = listening_socket(settings, lambda text: click.echo(text, err=True)) if serve else None
        bound = left.listening if left is not None else None
        address = _address(settings, bound)
        door = Door()
        if bound is not None:
            door = stack.enter_context(held(bound, path_of(settings.home, bound.getsockname()[1])))
        if lock is not None:
            lock.announce(address)
        # A signal while Neo4j starts must stop it in order too, so it is listened for from here on.
        stopped = asyncio.ensure_future(until_stopped())
        stack.callback(stopped.cancel)
        # Neo4j takes its time to start; meanwhile what will be needed is imported.
        preloaded = asyncio.create_task(asyncio.to_thread(_preload, serve=serve, work=work, sample=sample))
        steps = stack.enter_context(ServerSteps())
        parts = await stack.enter_async_context(opened(settings, steps))
        steps.close()
        await preloaded
        if sample:
            from crashgraph.sample import load_sample

            await _unless(stopped, load_sample(parts, click.echo))
        service = await stack.enter_async_context(_service(parts, door))
        if left is not None and left.unanswered:
            await resume(service.intake, left.unanswered)
        if bound is not None:
            from crashgraph.serving import serving

            await stack.enter_async_context(serving(service, bound, door, left.connections if left is not None else ()))
        if work:
            from crashgraph.serving import working

            await stack.enter_async_context(working(service))
        if not stopped.done():
            _announce(parts, address, work=work)
        if serve:
            stack.callback(asyncio.create_task(_warm(parts), name="warm up").cancel)
        click.echo(f"{await stopped}: stopping", err=True)
    click.echo("stopped", err=True)


@asynccontextmanager
async def _service(parts: Parts, door: Door) -> AsyncIterator[Service]:
    from crashgraph.app import Service
    from crashgraph.intake import Intake

    settings = parts.settings
    async with Intake(parts.receiver, batch_size=settings.batch_size, queue_size=settings.queue_size, door=door) as intake:
        yield Service(parts, intake)


def _preload(*, serve: bool, work: bool, sample: bool) -> None:
    """Import what this role works with, the slowest first."""
    import graph.ingest.pipeline
    import graph.store  # noqa: F401

    if serve:
        import crashgraph.app
        import schema.app  # noqa: F401
        from crashgraph.pages import pages
        from viz.render import warm

        warm(pages())
    if work:
        import jobs.worker  # noqa: F401
    if sample:
        import crashgraph.sample  # noqa: F401


async def _warm(parts: Parts) -> None:
    """Make ready what the first report needs, once the first pages are served, so that it does not wait for it."""
    from graph.ingest.warm_up import warm

    await asyncio.sleep(FIRST_PAGES_SECONDS)
    try:
        await warm(parts.graph, parts.matcher)
    except CrashgraphError as error:
        log.info("not warmed up: %s", error)


async def _unless(stopped: asyncio.Future[str], loading: Coroutine[object, object, None]) -> None:
    """Do something slow, unless a stop comes first."""
    task = asyncio.create_task(loading)
    waited: set[asyncio.Future[Any]] = {task, stopped}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
    await asyncio.gather(task, return_exceptions=stopped.done())


def _address(settings: Settings, bound: socket.socket | None) -> str:
    from crashgraph.serving import address_of

    return address_of(settings.host, bound.getsockname()[1]) if bound is not None else ""


def _announce(parts: Parts, address: str, *, work: bool) -> None:
    from crashgraph.commands.dsn import dsn_of

    if address:
        click.echo(f"Explorer  {address}/")
        click.echo(f"GraphQL   {address}/graphql")
        click.echo(f"Reports   {address}/api/reports, or with a Sentry SDK: {dsn_of(parts.settings, address)}")
    if parts.endpoint.browser_url:
        click.echo(f"Browser   {parts.endpoint.browser_url}")
        click.echo(f"          user {parts.endpoint.user}, password in {parts.password_path}")
    else:
        click.echo(f"Neo4j     {parts.endpoint.bolt_uri}")
    click.echo(f"{'Worker runs. ' if work else ''}Ctrl-C stops.")
