"""Names under which clients may ask the service.

A page elsewhere must not reach it under a name of its own (DNS rebinding), whatever address the service listens on.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from crashgraph.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared, not bound
"""Addresses that stand for all of the machine."""


def allowed_hosts(settings: Settings) -> list[str]:
    """Loopback, the address listened on, and those of the setting, or else the names and addresses of this machine.

    Addresses of IPv6 are in brackets, as in a URL.
    """
    hosts = {*LOOPBACK, settings.host.lower()} - EVERYWHERE
    if settings.allowed_hosts is not None:
        hosts |= {name.strip().lower() for name in settings.allowed_hosts.split(",")}
    elif settings.host not in LOOPBACK:
        hosts |= _of_this_machine()
    return sorted(f"[{host}]" if ":" in host else host for host in hosts)


def _of_this_machine() -> set[str]:
    name = socket.gethostname().lower()
    ends = (each.address.partition("%")[0] for one in psutil.net_if_addrs().values() for each in one)
    return {name, name.partition(".")[0], *(end for end in ends if _is_address(end))}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
