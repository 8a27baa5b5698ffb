"""The side of a child: what it reads from its parent, and what it reports.

Standard input is a socket. The parent writes one line of JSON (the address of Neo4j, and what else the child needs), a word
once its Neo4j listens there, and a line of JSON whenever the Neo4j of another organisation has changed; the child writes a word
for each stage that it has reached, and ends when the parent closes the socket or was killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from graph.server import Endpoint

if TYPE_CHECKING:
    from crashgraph.settings import Settings

LOADED = b"loaded"
"""Everything is imported, and the line of JSON is awaited."""
STARTED = b"started"
"""The service answers, if not yet with a graph."""
LISTENS = b"listens"
"""From the parent: its own Neo4j has the address. Before, another program may."""
READY = b"ready"
"""The child does its work, with a graph that answers."""


def say(word: bytes) -> None:
    """Report a stage to the parent; without effect if it is gone."""
    try:
        os.write(0, word + b"\n")
    except OSError:
        # The end of standard input ends this process in a moment.
        return


def first_line() -> tuple[Endpoint, dict[str, Any]]:
    """The Neo4j to use, and what else the parent writes; ends this process if there is no parent any more."""
    with open(0, "rb", buffering=0, closefd=False) as unbuffered:  # what follows is for until_parent_ends
        line = unbuffered.readline()
    if not line:
        sys.exit(0)
    facts = json.loads(line)
    return Endpoint(**facts.pop("endpoint")), facts


def with_neo4j(settings: Settings, endpoint: Endpoint) -> Settings:
    """The settings with the Neo4j of the parent."""
    password = SecretStr(endpoint.password)
    return settings.model_copy(update={"neo4j_uri": endpoint.bolt_uri, "neo4j_user": endpoint.user, "neo4j_password": password})


async def until_parent_ends(on_line: Callable[[bytes], None] = lambda _: None) -> str:
    """Wait until the parent closes standard input, or the kernel does since it was killed, or for SIGTERM.

    ``on_line`` is called with each further line of the parent.
    """
    loop = asyncio.get_running_loop()
    closed: asyncio.Future[str] = loop.create_future()
    pending = bytearray()

    def end(reason: str) -> None:
        if not closed.done():
            closed.set_result(reason)

    def read() -> None:
        try:
            part = os.read(0, 4096)
        except OSError:
            part = b""
        if not part:
            end("end of input")
            return
        pending.extend(part)
        *lines, rest = pending.split(b"\n")
        pending[:] = rest
        for line in lines:
            on_line(bytes(line))

    loop.add_signal_handler(signal.SIGTERM, end, "SIGTERM")
    loop.add_reader(0, read)
    try:
        return await closed
    finally:
        loop.remove_reader(0)
