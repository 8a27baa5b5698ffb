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
    from collections.abc import Callable, Sequence

    from crashgraph.access.first_link import FirstLink
    from crashgraph.settings import Settings
    from crashgraph.supervisor.supervisor import Supervisor
    from graph.server import Endpoint, ProgressCallback

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
    from crashgraph.settings import other_organisations
    from crashgraph.supervisor.supervisor import Supervisor
    from graph.server import HomeLock

    with ExitStack() as stack:
        lock = stack.enter_context(HomeLock(settings.home, "up"))
        others = other_organisations(settings)
        locks = [lock, *(stack.enter_context(HomeLock(one.home, "up")) for one in others)]
        listening = stack.enter_context(
            listening_socket(settings, lambda text: echo(text, err=True), left_behind=lock.left_behind)
        )
        host = listening.getsockname()[0]
        check_protected(settings, host)
        link = None if others else first_link(settings, host)
        address = service_url(*listening.getsockname()[:2])
        for held in locks:
            held.announce(address)
        steps = stack.enter_context(ServerSteps())
        names = [one.organisation for one in others]
        announced = partial(announce, settings, address=address, work=True, link=link, others=names)
        supervisor = Supervisor(listening, announced, sample=sample, first=link.token if link else "")

        def join(one: Settings) -> None:
            stack.enter_context(HomeLock(one.home, "up")).announce(address)
            supervisor.add(one.organisation)
            _add_graph(supervisor, one, steps)
            echo(_also(one.organisation))

        _add_graph(supervisor, settings, steps)
        for one in others:
            supervisor.add(one.organisation)
            _add_graph(supervisor, one, steps)
        await supervisor.run(partial(_take_in, settings, set(names), join))
    echo("stopped", err=True)


def _take_in(installation: Settings, known: set[str], join: Callable[[Settings], None]) -> list[str]:
    """Have organisations join that are not known yet; their names. One that cannot is left out until the next start."""
    from crashgraph.settings import for_organisation, organisations_in
    from graph.model.errors import CrashgraphError

    taken = []
    for name in organisations_in(installation.home):
        if name in known:
            continue
        known.add(name)
        try:
            join(for_organisation(installation, name))
            taken.append(name)
        except CrashgraphError as error:
            log.warning("organisation %s is not served before the next start: %s", name, error)
    return taken


def _add_graph(supervisor: Supervisor, settings: Settings, steps: ProgressCallback) -> None:
    """The Neo4j of an organisation: the configured one, or the embedded one, which is then supervised."""
    from crashgraph.supervisor.neo4j_process import Neo4jProcess
    from crashgraph.wiring import configured_endpoint, server_settings
    from graph.server import EmbeddedServer

    name, loop = settings.organisation, asyncio.get_running_loop()
    endpoint = configured_endpoint(settings)
    if endpoint is not None:
        supervisor.connect(endpoint, name)
        return

    def launched(endpoint: Endpoint) -> None:
        loop.call_soon_threadsafe(supervisor.connect, endpoint, name)

    supervisor.run_neo4j(Neo4jProcess(EmbeddedServer(server_settings(settings), steps, launched)), name)


def announce(
    settings: Settings,
    endpoint: Endpoint,
    *,
    address: str,
    work: bool,
    link: FirstLink | None = None,
    others: Sequence[str] = (),
) -> None:
    """Print where everything is; ``address`` is that of the service, if it runs, and ``link`` makes the first user.

    ``others`` are the organisations besides the default one.
    """
    from crashgraph.access.secret import has_secret
    from crashgraph.commands.dsn import dsn_of
    from crashgraph.wiring import password_path

    if address:
        echo(f"Explorer  {address}/")
        echo(f"GraphQL   {address}/graphql")
        echo(f"Reports   {address}/api/reports, or with a Sentry SDK: {dsn_of(settings, address)}")
    if link is not None:
        echo(f"Access    open to every program on this machine; to have people sign in, visit {address}{link.path}")
    if others and not has_secret(settings):
        echo("Access    organisation default answers no one: beside others it needs a user,")
        echo("          crashgraph user add NAME --role admin")
    for name in others:
        echo(_also(name))
    if endpoint.browser_url:
        echo(f"Browser   {endpoint.browser_url}")
        echo(f"          user {endpoint.user}, password in {password_path(settings)}")
    else:
        echo(f"Neo4j     {endpoint.bolt_uri}")
    echo(f"{'Worker runs. ' if work else ''}Ctrl-C stops.")


def _also(organisation: str) -> str:
    return f"Also      organisation {organisation}; its users sign in as {organisation}/NAME"
