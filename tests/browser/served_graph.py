"""The whole service on the graph of the tests, in a thread with a loop and connection of its own: Selenium blocks theirs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from crashgraph.app import AppDependencies
from crashgraph.serving import serving
from crashgraph.settings import Settings
from crashgraph.wiring import Container, build_access, build_container, build_intake
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.model.statement import Statement
from graph.server import Endpoint
from graph.store import Neo4jGraph, apply_schema

EMPTY = Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS", name="empty the graph")


@contextmanager
def served(
    endpoint: Endpoint, embedder: MiniLmEmbedder, home: Path, prepare: Callable[[Container], Awaitable[None]]
) -> Iterator[str]:
    """The address of the service, on an emptied graph that ``prepare`` fills."""
    started: Future[None] = Future()
    stop = threading.Event()

    async def serve(bound: socket.socket) -> None:
        async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as graph:
            await apply_schema(graph)
            await graph.run_implicit(EMPTY)
            container = build_container(Settings(home=home), graph, endpoint, embedder)
            await prepare(container)
            async with (
                build_intake(container) as intake,
                serving(AppDependencies(container, intake, build_access(container)), bound),
            ):
                started.set_result(None)
                await asyncio.to_thread(stop.wait)

    with ThreadPoolExecutor(1) as pool, contextlib.closing(socket.create_server(("127.0.0.1", 0))) as bound:
        serving_on = pool.submit(asyncio.run, serve(bound))
        try:
            wait([started, serving_on], return_when=FIRST_COMPLETED)
            if started.done():
                yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            stop.set()
            serving_on.result()
