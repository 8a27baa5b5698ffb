"""``crashgraph dsn``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crashgraph.terminal import echo

if TYPE_CHECKING:
    from crashgraph.settings import Settings


@click.command()
@click.argument("project", default="1")
@click.option("--address", help="Public address of the service, such as https://crashes.example.org.")
def dsn(project: str, address: str | None) -> None:
    """Print the DSN for a Sentry SDK. PROJECT names a product, which is assigned a number on first use."""
    from crashgraph.settings import load

    echo(dsn_of(load(), address, project))


def dsn_of(settings: Settings, address: str | None = None, project: str = "1") -> str:
    """The DSN of a project at an address, by default that of the service."""
    from crashgraph.http_ingest.keys import Keys, Projects
    from crashgraph.http_ingest.keys import dsn as format_dsn

    return format_dsn(address or _address(settings), Keys(settings).first, Projects(settings.home).number(project))


def _address(settings: Settings) -> str:
    """The address at which ``crashgraph up`` answers, or would answer."""
    from crashgraph.listening import DEFAULT_PORT, service_url
    from graph.server import HomeLock

    return HomeLock(settings.home, "up").announced or service_url(settings.host, settings.port or DEFAULT_PORT)
