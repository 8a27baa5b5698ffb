"""Where the request that is being answered came from. Set by the edge, read by what records who did what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A request: its id, and the address of its sender."""

    request_id: str | None = None
    address: str | None = None


NOWHERE = Origin()
_ORIGIN: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current_origin() -> Origin:
    """The request that is being answered; without values outside of one."""
    return _ORIGIN.get()


@contextmanager
def request_from(origin: Origin) -> Iterator[None]:
    """Answer a request: what is recorded inside, tasks started there included, has this origin."""
    token = _ORIGIN.set(origin)
    try:
        yield
    finally:
        _ORIGIN.reset(token)
