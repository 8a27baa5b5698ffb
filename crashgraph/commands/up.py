"""``crashgraph up``, ``serve`` and ``worker``."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

from graph.model.errors import CrashgraphError

if TYPE_CHECKING:
    import socket

    from crashgraph.app import AppDependencies
    from crashgraph.settings import Settings
    from crashgraph.socket_holder import HolderClient
    from crashgraph.wiring import Container


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
    from crashgraph.logs import configure_logging
    from crashgraph.settings import load
    from crashgraph.wiring import configured_jobs

    settings = load()
    configured_jobs()  # a wrong setting of a job is told before anything is started
    configure_logging(settings.log_level)
    asyncio.run(_run(settings, role, serve=serve, work=work, sample=sample))


async def _run(settings: Settings, role: str, *, serve: bool, work: bool, sample: bool) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.serving import listening_socket, until_stopped
    from crashgraph.socket_holder import HolderClient, hold_socket, socket_path, store_unanswered
    from crashgraph.wiring import open_container
    from graph.server import HomeLock

    async with AsyncExitStack() as stack:
        lock = stack.enter_context(HomeLock(settings.home, role)) if role == "up" else None
        takeover = listening_socket(settings, lambda text: click.echo(text, err=True)) if serve else None
        listening = takeover.listening if takeover is not None else None
        address = _address(settings, listening)
        holder = HolderClient()
        if listening is not None:
            holder = stack.enter_context(hold_socket(listening, socket_path(settings.home, listening.getsockname()[1])))
        if lock is not None:
            lock.announce(address)
        # A signal while Neo4j starts must stop it in order too, so it is listened for from here on.
        stopped = asyncio.ensure_future(until_stopped())
        stack.callback(stopped.cancel)
        # Neo4j takes its time to start; meanwhile what will be needed is imported.
        preloaded = asyncio.create_task(asyncio.to_thread(_preload, serve=serve, work=work, sample=sample))
        steps = stack.enter_context(ServerSteps())
        container = await stack.enter_async_context(open_container(settings, steps))
        steps.close()
        await preloaded
        if sample:
            from crashgraph.sample import load_sample

            await _unless(stopped, load_sample(container, click.echo))
        token = secrets.token_urlsafe(32)
        dependencies = await stack.enter_async_context(_dependencies(container, holder, token))
        if takeover is not None and takeover.unanswered:
            await store_unanswered(dependencies.intake, takeover.unanswered)
        if listening is not None:
            from crashgraph.local_service.announcement import announced
            from crashgraph.serving import reachable_host, serving

            connections = takeover.connections if takeover is not None else ()
            await stack.enter_async_context(serving(dependencies, listening, holder, connections))
            host, port = reachable_host(settings.host), listening.getsockname()[1]
            stack.enter_context(announced(settings, host, port, token))
        if work:
            from crashgraph.serving import running_worker

            await stack.enter_async_context(running_worker(dependencies))
        if not stopped.done():
            _announce(container, address, work=work)
        if serve:
            stack.callback(asyncio.create_task(_warm(container), name="warm up").cancel)
        click.echo(f"{await stopped}: stopping", err=True)
    click.echo("stopped", err=True)


@asynccontextmanager
async def _dependencies(container: Container, holder: HolderClient, token: str) -> AsyncIterator[AppDependencies]:
    from crashgraph.app import AppDependencies
    from crashgraph.http_ingest.intake import Intake

    settings = container.settings
    async with Intake(
        container.receiver, batch_size=settings.batch_size, queue_size=settings.queue_size, holder=holder
    ) as intake:
        yield AppDependencies(container, intake, token)


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


async def _warm(container: Container) -> None:
    """Make ready what the first report needs, once the first pages are served, so that it does not wait for it."""
    from graph.ingest.warm_up import warm

    await asyncio.sleep(FIRST_PAGES_SECONDS)
    try:
        await warm(container.graph, container.matcher)
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


def _address(settings: Settings, listening: socket.socket | None) -> str:
    from crashgraph.serving import service_url

    return service_url(settings.host, listening.getsockname()[1]) if listening is not None else ""


def _announce(container: Container, address: str, *, work: bool) -> None:
    from crashgraph.commands.dsn import dsn_of

    if address:
        click.echo(f"Explorer  {address}/")
        click.echo(f"GraphQL   {address}/graphql")
        click.echo(f"Reports   {address}/api/reports, or with a Sentry SDK: {dsn_of(container.settings, address)}")
    if container.endpoint.browser_url:
        click.echo(f"Browser   {container.endpoint.browser_url}")
        click.echo(f"          user {container.endpoint.user}, password in {container.password_path}")
    else:
        click.echo(f"Neo4j     {container.endpoint.bolt_uri}")
    click.echo(f"{'Worker runs. ' if work else ''}Ctrl-C stops.")
