"""``crashgraph up``, ``serve`` and ``worker``."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

from crashgraph.terminal import echo
from graph.model.errors import CrashgraphError

if TYPE_CHECKING:
    from crashgraph.app import AppDependencies
    from crashgraph.settings import Settings
    from crashgraph.socket_holder import HolderClient, Takeover
    from crashgraph.wiring import Container


FIRST_PAGES_SECONDS = 1.0

log = logging.getLogger(__name__)


@click.command()
@click.option("--sample", is_flag=True, help="Load the sample set into an empty graph first.")
def up(sample: bool) -> None:
    """Run Neo4j if needed, the worker and the server; Ctrl-C stops them all."""
    asyncio.run(_serve(_settings(), "up", work=True, sample=sample))


@click.command()
def serve() -> None:
    """Run the server only."""
    asyncio.run(_serve(_settings(), "serve", work=False, sample=False))


@click.command()
@click.option("--attached", is_flag=True, hidden=True, help="Stop when standard input closes.")
def worker(attached: bool) -> None:
    """Run the worker of the scheduled jobs only."""
    from crashgraph.worker_process import settings_from_parent

    settings = _settings()
    asyncio.run(_work(settings_from_parent(settings) if attached else settings, attached=attached))


def _settings() -> Settings:
    from crashgraph.logs import configure_logging
    from crashgraph.settings import load
    from crashgraph.wiring import configured_jobs

    settings = load()
    configured_jobs()  # reject a wrong job setting before anything is started
    configure_logging(settings.log_level)
    return settings


async def _serve(settings: Settings, role: str, *, work: bool, sample: bool) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.serving import listening_socket, service_url, until_stopped
    from crashgraph.socket_holder import hold_socket, socket_path
    from crashgraph.wiring import open_container
    from graph.embedding.encoder_process import ServiceEmbedder
    from graph.server import HomeLock

    async with AsyncExitStack() as stack:
        lock = stack.enter_context(HomeLock(settings.home, role)) if role == "up" else None
        takeover = listening_socket(settings, lambda text: echo(text, err=True))
        port = takeover.listening.getsockname()[1]
        holder = stack.enter_context(hold_socket(takeover.listening, socket_path(settings.home, port)))
        address = service_url(settings.host, port)
        if lock is not None:
            lock.announce(address)
        # From here on, so that a signal while Neo4j starts stops it in order too.
        stopped = asyncio.ensure_future(until_stopped())
        stack.callback(stopped.cancel)
        # While Neo4j starts, import what the service needs.
        preloaded = asyncio.create_task(asyncio.to_thread(_preload, sample=sample))
        steps = stack.enter_context(ServerSteps())
        embedder = ServiceEmbedder()
        stack.callback(embedder.close)
        container = await stack.enter_async_context(open_container(settings, steps, embedder))
        steps.close()
        await preloaded
        if sample:
            from crashgraph.sample import load_sample

            await _unless(stopped, load_sample(container, echo))
        await stack.enter_async_context(_http(container, takeover, holder))
        if work and not stopped.done():
            from crashgraph.worker_process import worker_process

            await stack.enter_async_context(worker_process(container.endpoint, settings.neo4j_database))
        if not stopped.done():
            _announce(container, address, work=work)
        stack.callback(asyncio.create_task(_warm(container), name="warm up").cancel)
        echo(f"{await stopped}: stopping", err=True)
    echo("stopped", err=True)


async def _work(settings: Settings, *, attached: bool) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.serving import running_worker, until_input_closes, until_stopped
    from crashgraph.wiring import open_container

    stopped = asyncio.ensure_future(until_input_closes() if attached else until_stopped())
    async with AsyncExitStack() as stack:
        stack.callback(stopped.cancel)
        steps = stack.enter_context(ServerSteps())
        container = await stack.enter_async_context(open_container(settings, steps))
        steps.close()
        await stack.enter_async_context(running_worker(container))
        if not attached and not stopped.done():
            _announce(container, "", work=True)
        reason = await stopped
        if not attached:
            echo(f"{reason}: stopping", err=True)
    if not attached:
        echo("stopped", err=True)


@asynccontextmanager
async def _http(container: Container, takeover: Takeover, holder: HolderClient) -> AsyncIterator[None]:
    """Serve HTTP while the context lasts, and first store what a killed service left unanswered."""
    from crashgraph.local_service.announcement import announced
    from crashgraph.serving import reachable_host, serving
    from crashgraph.socket_holder import store_unanswered

    settings = container.settings
    token = secrets.token_urlsafe(32)
    host, port = reachable_host(settings.host), takeover.listening.getsockname()[1]
    async with _dependencies(container, token) as dependencies:
        if takeover.unanswered:
            await store_unanswered(dependencies.intake, takeover.unanswered)
        async with serving(dependencies, takeover.listening, holder, takeover.connections):
            with announced(settings, host, port, token):
                yield


@asynccontextmanager
async def _dependencies(container: Container, token: str) -> AsyncIterator[AppDependencies]:
    from crashgraph.app import AppDependencies
    from crashgraph.http_ingest.intake import Intake

    settings = container.settings
    async with Intake(container.receiver, batch_size=settings.batch_size, queue_size=settings.queue_size) as intake:
        yield AppDependencies(container, intake, token)


def _preload(*, sample: bool) -> None:
    """Import what the service needs, the slowest first."""
    import crashgraph.app
    import schema.app  # noqa: F401
    from crashgraph.pages import pages
    from viz.render import warm

    warm(pages())
    if sample:
        import crashgraph.sample  # noqa: F401


async def _warm(container: Container) -> None:
    """Prepare what the first report needs, once the first pages are served.

    Then exempt everything loaded so far from garbage collection: it lives as long as the process, so later collections need
    not scan it.
    """
    import gc

    from graph.ingest.warm_up import warm

    await asyncio.sleep(FIRST_PAGES_SECONDS)
    try:
        await warm(container.graph, container.matcher)
    except CrashgraphError as error:
        log.info("not warmed up: %s", error)
    gc.collect()
    gc.freeze()


async def _unless(stopped: asyncio.Future[str], loading: Coroutine[object, object, None]) -> None:
    """Await ``loading``; cancel it if a stop comes first."""
    task = asyncio.create_task(loading)
    pending: set[asyncio.Future[Any]] = {task, stopped}
    await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
    await asyncio.gather(task, return_exceptions=stopped.done())


def _announce(container: Container, address: str, *, work: bool) -> None:
    from crashgraph.commands.dsn import dsn_of

    if address:
        echo(f"Explorer  {address}/")
        echo(f"GraphQL   {address}/graphql")
        echo(f"Reports   {address}/api/reports, or with a Sentry SDK: {dsn_of(container.settings, address)}")
    if container.endpoint.browser_url:
        echo(f"Browser   {container.endpoint.browser_url}")
        echo(f"          user {container.endpoint.user}, password in {container.password_path}")
    else:
        echo(f"Neo4j     {container.endpoint.bolt_uri}")
    echo(f"{'Worker runs. ' if work else ''}Ctrl-C stops.")
