"""Options shared by the feedback commands: who acts, what is printed, and the open graph."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from crashgraph.terminal import print_json
from graph.model.quoting import quoted

if TYPE_CHECKING:
    from graph.model.actor import Actor
    from graph.ports import Graph

T = TypeVar("T")


class Attributed(Protocol):
    """A record that keeps who made it."""

    @property
    def by(self) -> str:
        """The actor."""
        ...

    @property
    def on_behalf_of(self) -> str | None:
        """Whom the actor acted for."""
        ...


def operator(on_behalf_of: str | None = None) -> Actor:
    """The user of the operating system, with every scope."""
    from graph.model.actor import person
    from resolvers.acting import acting_for

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "unknown"
    return acting_for(person(name), on_behalf_of)


def who(record: Attributed) -> str:
    """The actor of a record, and whom it acted for."""
    return f"{record.by} for {record.on_behalf_of}" if record.on_behalf_of else record.by


ON_BEHALF_OF = click.option("--on-behalf-of", metavar="NAME", help="Whom you act for; recorded beside your user name.")
OUTPUT = click.option(
    "--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="Output format."
)


class Moment(click.ParamType[datetime]):
    """A point in time in ISO 8601; UTC if there is no zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Parse the time."""
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{quoted(value)} is not a time such as 2026-03-01T08:30+01:00", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


WHEN = Moment()


async def with_graph(work: Callable[[Graph], Awaitable[T]]) -> T:
    """Run work on the graph of this installation, starting its server if needed."""
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container

    settings = load()
    with ServerSteps() as steps:
        async with open_container(settings, steps) as parts:
            return await work(parts.graph)


def printed(records: Iterable[object]) -> None:
    """Print records as JSON lines."""
    print_json(records)
