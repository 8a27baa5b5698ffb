"""The worker of scheduled jobs as a child process of ``crashgraph up``.

Jobs compute for seconds and load large libraries; in a process of their own they slow no request down.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from crashgraph.settings import Settings
    from graph.server import Endpoint

log = logging.getLogger(__name__)

STOP_SECONDS = 20.0
"""A worker gives back unfinished runs within this time."""
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
STABLE_SECONDS = 60.0
"""A worker that ran this long is restarted without a longer pause."""


@asynccontextmanager
async def worker_process(endpoint: Endpoint, database: str) -> AsyncIterator[None]:
    """Run a worker, and restart it whenever it exits, while the context lasts.

    It uses the Neo4j of this process, and stops when its standard input closes: also if this process is killed.
    """
    supervisor = asyncio.create_task(_supervise(_first_line(endpoint, database)), name="worker process")
    try:
        yield
    finally:
        supervisor.cancel()
        with suppress(asyncio.CancelledError):
            await supervisor


async def _supervise(first_line: bytes) -> None:
    loop = asyncio.get_running_loop()
    pause = FIRST_PAUSE_SECONDS
    while True:
        began = loop.time()
        # In its own session: Ctrl-C in a terminal is for the service, which then closes the pipe.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "crashgraph", "worker", "--attached"),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            assert process.stdin is not None
            process.stdin.write(first_line)
            status = await process.wait()
        finally:
            await asyncio.shield(_stop(process))
        pause = FIRST_PAUSE_SECONDS if loop.time() - began > STABLE_SECONDS else min(2 * pause, LONGEST_PAUSE_SECONDS)
        log.warning("the worker exited with status %d; restarting it in %d s", status, pause)
        await asyncio.sleep(pause)


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Close its standard input and wait; kill it if it does not end."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def settings_from_parent(settings: Settings) -> Settings:
    """In the child: the settings, with the Neo4j of the parent, which it writes to standard input."""
    connection = json.loads(sys.stdin.buffer.readline())
    return settings.model_copy(update={**connection, "neo4j_password": SecretStr(connection["neo4j_password"])})


def _first_line(endpoint: Endpoint, database: str) -> bytes:
    connection = {
        "neo4j_uri": endpoint.bolt_uri,
        "neo4j_user": endpoint.user,
        "neo4j_password": endpoint.password,
        "neo4j_database": database,
    }
    return json.dumps(connection).encode() + b"\n"
