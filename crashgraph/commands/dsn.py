"""``crashgraph dsn``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from crashgraph.settings import Settings


@click.command()
@click.argument("project", default="1")
@click.option("--address", help="Where programs reach the service, such as https://crashes.example.org.")
def dsn(project: str, address: str | None) -> None:
    """Print the DSN that a Sentry SDK is given. PROJECT names a product; it gets a number of its own the first time."""
    from crashgraph.settings import load

    click.echo(dsn_of(load(), address, project))


def dsn_of(settings: Settings, address: str | None = None, project: str = "1") -> str:
    """The DSN of a project at an address; that of the service when none is given."""
    from crashgraph.http_ingest.keys import Keys, Projects
    from crashgraph.http_ingest.keys import dsn as written

    return written(address or _address(settings), Keys(settings).first, Projects(settings.home).number(project))


def _address(settings: Settings) -> str:
    """Where ``crashgraph up`` answers, or would."""
    from crashgraph.serving import DEFAULT_PORT, service_url
    from graph.server import HomeLock

    return HomeLock(settings.home, "up").announced or service_url(settings.host, settings.port or DEFAULT_PORT)
