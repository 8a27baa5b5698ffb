"""Which service a command asks: one at an address, or the running one of this home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from crashgraph.local_service.client import ReceiptRow
    from crashgraph.settings import Settings
    from graph.sources.submission import Submission

T = TypeVar("T")

SERVICE = click.option(
    "--service", metavar="URL", help="Ask the service at this address, with the API key in CRASHGRAPH_KEY, and no other."
)


class AskedService(Protocol[T]):
    """What commands ask of a service; ``T`` is the form in which it takes submissions."""

    def match(self, submission: Submission, *, candidates: int, explain: bool, jsonl: bool) -> bytes:
        """What ``crashgraph match`` prints for a submission."""
        ...

    def batches(self, submissions: Iterable[Submission]) -> Iterator[tuple[list[Submission], list[T]]]:
        """Submissions in groups that fit one request, as they are and in the form of the service."""
        ...

    def store(self, group: list[T], /, *, candidates: int, person: str) -> list[ReceiptRow]:
        """Receipts of a group, once it is stored."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


@contextmanager
def chosen_service(settings: Settings, url: str | None) -> Iterator[AskedService[Any] | None]:
    """The service at an address, or else the running one of this home; ``None`` if there is none. Closed at the end."""
    service = _service(settings, url)
    try:
        yield service
    finally:
        if service is not None:
            service.close()


def _service(settings: Settings, url: str | None) -> AskedService[Any] | None:
    if url is None:
        from crashgraph.local_service.client import find_service

        return find_service(settings)
    from crashgraph.remote_service import RemoteService

    try:
        return RemoteService(url, settings.key.get_secret_value() if settings.key else None)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--service") from error
