"""What is checked before the service listens, and the link for its first visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crashgraph.access.first_link import FirstLink
from crashgraph.access.secret import has_secret
from crashgraph.hosts import LOOPBACK
from graph.model.errors import InsecureError

if TYPE_CHECKING:
    from crashgraph.settings import Settings

ADVICE = (
    "make an administrator with `crashgraph user add NAME --role admin` and start again, or listen on 127.0.0.1 only "
    "(CRASHGRAPH_HOST)"
)


def is_public(host: str) -> bool:
    """Whether other machines can reach a service that listens there."""
    return host not in LOOPBACK


def check_protected(settings: Settings, host: str) -> None:
    """``InsecureError`` for an address that others can reach, without the secret that the first user brings."""
    if is_public(host) and not has_secret(settings):
        raise InsecureError(f"others can reach {host}, and there is no user yet, so everyone could do everything: {ADVICE}")


def no_users(host: str) -> InsecureError:
    """The same once the graph shows that there is no user."""
    return InsecureError(f"others can reach {host}, and the graph has no user, so no one could sign in: {ADVICE}")


def first_link(settings: Settings, host: str) -> FirstLink | None:
    """The link to make the first administrator with, where access control is off."""
    return None if is_public(host) or has_secret(settings) else FirstLink.new()
