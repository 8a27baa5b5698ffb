"""Keeps the listening socket and open connections alive while a killed service is replaced.

A small child process (:mod:`crashgraph.socket_holder.process`) holds copies of both. The rest of crashgraph uses only the
names exported here; an import contract enforces it.
"""

from __future__ import annotations

from crashgraph.socket_holder.client import HolderClient, TakenConnection, Takeover, hold_socket, socket_path, take_over
from crashgraph.socket_holder.connections import mirrored_protocol, resume_connections
from crashgraph.socket_holder.records import store_unanswered

__all__ = [
    "HolderClient",
    "TakenConnection",
    "Takeover",
    "hold_socket",
    "mirrored_protocol",
    "resume_connections",
    "socket_path",
    "store_unanswered",
    "take_over",
]
