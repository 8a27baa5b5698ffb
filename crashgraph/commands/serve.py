"""``crashgraph serve`` and ``crashgraph worker``: on their own, or as children of ``crashgraph up``."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

from crashgraph.current_organisation import ORGANISATION
from crashgraph.terminal import echo
from graph.model.errors import CrashgraphError

if TYPE_CHECKING:
    from crashgraph.access.first_link import FirstLink
    from crashgraph.organisation_service import Edge
    from crashgraph.readiness import Readiness
    from crashgraph.settings import Settings
    from crashgraph.wiring import Container
    from graph.ports import Embedder
    from graph.server import Endpoint

FIRST_PAGES_SECONDS = 1.0

log = logging.getLogger(__name__)


@click.command()
@click.option("--attached", is_flag=True, hidden=True, help="Serve for the parent process, and stop with it.")
def serve(attached: bool) -> None:
    """Run the server only, for all organisations."""
    from crashgraph.settings import load_all

    settings = _settings(load_all)
    if not attached:
        asyncio.run(_serve(settings))
        return
    from crashgraph.listening import at_socket, inherited_socket
    from crashgraph.supervisor.attached import LOADED, first_line, say

    _preload()
    say(LOADED)
    endpoint, facts = first_line()
    listening = inherited_socket(facts["listen"])
    settings = at_socket(settings, listening)
    asyncio.run(_serve_attached(settings, endpoint, listening, facts))


@click.command()
@click.option("--attached", is_flag=True, hidden=True, help="Work for the parent process, and stop with it.")
def worker(attached: bool) -> None:
    """Run the worker of the scheduled jobs only, for one organisation."""
    from crashgraph.settings import load

    settings = _settings(load)
    if not attached:
        asyncio.run(_work(settings))
        return
    from crashgraph.supervisor.attached import first_line, with_neo4j

    endpoint, _ = first_line()
    asyncio.run(_work_attached(with_neo4j(settings, endpoint)))


def _settings(load: Callable[[], Settings]) -> Settings:
    from crashgraph.logs import configure_logging, log_uncaught_errors
    from crashgraph.wiring import configured_jobs

    settings = load()
    ORGANISATION.set(settings.organisation)
    configured_jobs()  # reject a wrong job setting before anything is started
    configure_logging(settings.log_level)
    log_uncaught_errors()
    return settings


async def _serve(settings: Settings) -> None:
    from crashgraph.access.start import check_protected, first_link
    from crashgraph.commands.up import announce
    from crashgraph.console import ServerSteps
    from crashgraph.listening import at_socket, listening_socket, service_url
    from crashgraph.readiness import Readiness
    from crashgraph.settings import other_organisations
    from crashgraph.stopping import until_stopped
    from crashgraph.wiring import check_users, open_container
    from graph.embedding.encoder_process import ServiceEmbedder

    async with AsyncExitStack() as stack:
        listening = listening_socket(settings, lambda text: echo(text, err=True))
        settings = at_socket(settings, listening)
        check_protected(settings, settings.host)
        others = other_organisations(settings)
        link = None if others else first_link(settings, settings.host)
        # From here on, so that a signal while Neo4j starts stops it in order too.
        stopped = asyncio.ensure_future(until_stopped())
        stack.callback(stopped.cancel)
        # While Neo4j starts, import what the service needs.
        preloaded = asyncio.create_task(asyncio.to_thread(_preload))
        steps = stack.enter_context(ServerSteps())
        embedder = ServiceEmbedder()
        stack.callback(embedder.close)
        container = await stack.enter_async_context(open_container(settings, steps, embedder))
        steps.close()
        await preloaded
        await check_users(container)
        edge = await _edge(settings, others, listening, embedder, stack)
        await stack.enter_async_context(_http(container, listening, Readiness(container.graph), link, edge))
        if edge is not None:
            from crashgraph.organisation_service import own_neo4j

            await stack.enter_async_context(own_neo4j(edge))
        if not stopped.done():
            address = service_url(*listening.getsockname()[:2])
            names = [one.organisation for one in others]
            announce(settings, container.endpoint, address=address, work=False, link=link, others=names)
        stack.callback(asyncio.create_task(_warm(container), name="warm up").cancel)
        echo(f"{await stopped}: stopping", err=True)
    echo("stopped", err=True)


async def _serve_attached(settings: Settings, endpoint: Endpoint, listening: socket.socket, facts: Mapping[str, Any]) -> None:
    """Serve at once, also while Neo4j is away.

    ``facts`` are what the parent says: ``sample``, whether to load it first; ``listens``, whether its own Neo4j has the
    address; ``first``, the token of the link for the first administrator; ``organisations``, the Neo4j of each other one;
    ``probe``, with which the parent reads the readiness of all.
    """
    from crashgraph.access.first_link import FirstLink
    from crashgraph.readiness import Readiness
    from crashgraph.supervisor.attached import LISTENS, READY, STARTED, say, until_parent_ends
    from crashgraph.wiring import open_unready
    from graph.embedding.encoder_process import ServiceEmbedder

    async with AsyncExitStack() as stack:
        embedder = ServiceEmbedder()
        stack.callback(embedder.close)
        container = await stack.enter_async_context(open_unready(settings, endpoint, embedder))
        graph = container.graph
        graph.held_back = "" if facts["listens"] else "Neo4j is starting"
        others = _usable([one["organisation"] for one in facts["organisations"]])
        edge = await _edge(settings, others, listening, embedder, stack, facts["probe"])

        def take(line: bytes) -> None:
            if line == LISTENS:
                graph.release()
            elif edge is not None:
                _connect(edge, json.loads(line))

        if edge is not None:
            for one in facts["organisations"]:
                _connect(edge, one)
        stopped = asyncio.ensure_future(until_parent_ends(take))
        stack.callback(stopped.cancel)
        readiness = Readiness(graph, schema_applied=False)
        first = FirstLink(facts["first"]) if facts["first"] else None
        await stack.enter_async_context(_http(container, listening, readiness, first, edge))
        say(STARTED)
        prepared = asyncio.create_task(_prepare(container, readiness, sample=facts["sample"]))
        stack.callback(prepared.cancel)
        await asyncio.wait({stopped, prepared}, return_when=asyncio.FIRST_COMPLETED)
        if prepared.done():
            prepared.result()
            say(READY)
            stack.callback(asyncio.create_task(_warm(container), name="warm up").cancel)
        await stopped


def _usable(names: Sequence[str]) -> list[Settings]:
    """The settings of organisations, without those that have become unusable since the parent started."""
    from crashgraph.settings import for_organisation, load_installation

    found = []
    for name in names:
        try:
            found.append(for_organisation(load_installation(), name))
        except CrashgraphError as error:
            log.warning("organisation %s is not served: %s", name, error)
    return found


async def _edge(
    settings: Settings,
    others: Sequence[Settings],
    listening: socket.socket,
    embedder: Embedder,
    stack: AsyncExitStack,
    probe: str = "",
) -> Edge | None:
    """The edge of several organisations, which are served while ``stack`` is open; ``None`` for a single one."""
    if not others:
        return None
    from crashgraph.listening import at_socket
    from crashgraph.organisation_service import Edge, new_probe

    edge = Edge.of(settings, [at_socket(one, listening) for one in others], listening, embedder, probe or new_probe())
    await stack.enter_async_context(edge.serving())
    return edge


def _connect(edge: Edge, state: Mapping[str, Any]) -> None:
    """Use the Neo4j of an organisation as the parent describes it."""
    from graph.server import Endpoint

    served = edge.organisations.get(state["organisation"])
    if served is not None:
        endpoint = Endpoint(**state["endpoint"]) if state["endpoint"] else None
        served.connect(endpoint, listens=state["listens"])


async def _prepare(container: Container, readiness: Readiness, *, sample: bool) -> None:
    from crashgraph.wiring import check_users, note_installation

    await readiness.prepare()
    await note_installation(container)
    await check_users(container)
    if sample:
        from crashgraph.sample import load_sample

        await load_sample(container, echo)


async def _work(settings: Settings) -> None:
    from crashgraph.commands.up import announce
    from crashgraph.console import ServerSteps
    from crashgraph.serving import running_worker
    from crashgraph.stopping import until_stopped
    from crashgraph.wiring import open_container

    stopped = asyncio.ensure_future(until_stopped())
    async with AsyncExitStack() as stack:
        stack.callback(stopped.cancel)
        steps = stack.enter_context(ServerSteps())
        container = await stack.enter_async_context(open_container(settings, steps))
        steps.close()
        await stack.enter_async_context(running_worker(container))
        if not stopped.done():
            announce(settings, container.endpoint, address="", work=True)
        echo(f"{await stopped}: stopping", err=True)
    echo("stopped", err=True)


async def _work_attached(settings: Settings) -> None:
    from crashgraph.serving import running_worker
    from crashgraph.supervisor.attached import READY, say, until_parent_ends
    from crashgraph.wiring import open_container

    stopped = asyncio.ensure_future(until_parent_ends())
    async with AsyncExitStack() as stack:
        stack.callback(stopped.cancel)
        container = await stack.enter_async_context(open_container(settings))
        await stack.enter_async_context(running_worker(container))
        say(READY)
        await stopped


@asynccontextmanager
async def _http(
    container: Container,
    listening: socket.socket,
    readiness: Readiness,
    link: FirstLink | None = None,
    edge: Edge | None = None,
) -> AsyncIterator[None]:
    """Serve HTTP while the context lasts; with ``edge`` for other organisations too."""
    from crashgraph.app import AppDependencies
    from crashgraph.http_ingest.keys import Keys, Projects, Receiver
    from crashgraph.listening import reachable_host
    from crashgraph.local_service.announcement import announced
    from crashgraph.serving import serving
    from crashgraph.wiring import build_access, build_intake, build_preparer

    settings = container.settings
    token = secrets.token_urlsafe(32)
    host, port = listening.getsockname()[:2]
    async with (
        build_preparer(settings) as preparer,
        build_intake(container, readiness.prepared, preparer) as intake,
    ):
        access, receivers = build_access(container, edge.limits if edge else None), edge.receivers if edge else None
        served = container.reading_with(preparer)
        dependencies = AppDependencies(served, intake, access, link, token, readiness, receivers)
        if edge is not None:
            edge.readiness = readiness
            edge.receivers.add(Receiver(settings.organisation, Keys(settings), Projects(settings.home), intake))
        async with serving(dependencies, listening, edge.choice if edge else None):
            with announced(settings, reachable_host(host), port, token):
                yield


def _preload() -> None:
    """Import what the service needs, the slowest first."""
    import crashgraph.app
    import crashgraph.spool  # noqa: F401  # here and below: loaded for later
    import graph.ingest.pipeline  # noqa: F401
    import schema.app  # noqa: F401
    from crashgraph.pages import pages
    from viz.render import warm

    warm(pages())


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
