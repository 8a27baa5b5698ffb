"""``crashgraph up``: a small parent; what computes is imported by its children only."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import click

from crashgraph.terminal import echo

if TYPE_CHECKING:
    from crashgraph.access.first_link import FirstLink
    from crashgraph.settings import Settings
    from graph.server import Endpoint

log = logging.getLogger(__name__)


@click.command()
@click.option("--sample", is_flag=True, help="Load the sample set into an empty graph first.")
def up(sample: bool) -> None:
    """Run Neo4j if needed, the worker and the server; Ctrl-C stops them all. SIGHUP replaces the server."""
    from crashgraph.logs import configure_logging, log_uncaught_errors
    from crashgraph.settings import load_all

    settings = load_all()
    configure_logging(settings.log_level)
    log_uncaught_errors()
    asyncio.run(_supervise(settings, sample=sample))


async def _supervise(settings: Settings, *, sample: bool) -> None:
    from crashgraph.access.start import check_protected, first_link
    from crashgraph.console import ServerSteps
    from crashgraph.listening import listening_socket, service_url
    from crashgraph.supervisor.neo4j_process import Neo4jProcess
    from crashgraph.supervisor.supervisor import Supervisor
    from crashgraph.wiring import configured_endpoint, server_settings
    from graph.server import EmbeddedServer, HomeLock

    with ExitStack() as stack:
        lock = stack.enter_context(HomeLock(settings.home, "up"))
        listening = stack.enter_context(
            listening_socket(settings, lambda text: echo(text, err=True), left_behind=lock.left_behind)
        )
        host = listening.getsockname()[0]
        check_protected(settings, host)
        link = first_link(settings, host)
        address = service_url(*listening.getsockname()[:2])
        lock.announce(address)
        steps = stack.enter_context(ServerSteps())
        announced = partial(announce, settings, address=address, work=True, link=link)
        supervisor = Supervisor(listening, announced, sample=sample, first=link.token if link else "")
        endpoint = configured_endpoint(settings)
        if endpoint is not None:
            supervisor.connect(endpoint)
        else:
            loop = asyncio.get_running_loop()
            server = EmbeddedServer(
                server_settings(settings), steps, lambda launched: loop.call_soon_threadsafe(supervisor.connect, launched)
            )
            supervisor.run_neo4j(Neo4jProcess(server))
        await supervisor.run()
    echo("stopped", err=True)


def announce(settings: Settings, endpoint: Endpoint, *, address: str, work: bool, link: FirstLink | None = None) -> None:
    """Print where everything is; ``address`` is that of the service, if it runs, and ``link`` makes the first user."""
    from crashgraph.commands.dsn import dsn_of
    from crashgraph.wiring import password_path

    if address:
        echo(f"Explorer  {address}/")
        echo(f"GraphQL   {address}/graphql")
        echo(f"Reports   {address}/api/reports, or with a Sentry SDK: {dsn_of(settings, address)}")
    if link is not None:
        echo(f"Access    open to every program on this machine; to have people sign in, visit {address}{link.path}")
    if endpoint.browser_url:
        echo(f"Browser   {endpoint.browser_url}")
        echo(f"          user {endpoint.user}, password in {password_path(settings)}")
    else:
        echo(f"Neo4j     {endpoint.bolt_uri}")
    echo(f"{'Worker runs. ' if work else ''}Ctrl-C stops.")
