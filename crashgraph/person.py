"""What the commands share with which a person teaches: who it is, what is printed, and the open graph."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from graph.ports import Graph

T = TypeVar("T")


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "somebody"


BY = click.option("--by", default=_me, show_default="your user name", help="Who says so.")
OUTPUT = click.option(
    "--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="What to print."
)


class Moment(click.ParamType[datetime]):
    """A point in time, as ISO 8601 writes it; UTC where no zone is told."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time, in its zone."""
        try:
            told = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r:.60} is no time such as 2026-03-01T08:30+01:00", param, ctx)
        return told if told.tzinfo else told.replace(tzinfo=UTC)


WHEN = Moment()


async def with_graph(work: Callable[[Graph], Awaitable[T]]) -> T:
    """Do it on the graph of this installation, whose server is started if need be."""
    from crashgraph.console import ServerSteps, configure_logging
    from crashgraph.settings import load
    from crashgraph.wiring import open_container

    settings = load()
    configure_logging(settings.log_level)
    with ServerSteps() as steps:
        async with open_container(settings, steps) as parts:
            return await work(parts.graph)


def printed(records: Iterable[object]) -> None:
    """Print records as lines of JSON."""
    import orjson

    for one in records:
        sys.stdout.buffer.write(orjson.dumps(one) + b"\n")
    sys.stdout.buffer.flush()
