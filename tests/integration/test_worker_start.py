"""A worker that cannot start ends everything only if the graph is there."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from crashgraph.supervisor.supervisor import Supervisor
from graph.model.errors import StartError
from graph.server import Endpoint

pytestmark = [pytest.mark.timeout(300)]


@pytest.mark.parametrize("graph_goes_away", [True, False])
async def test_a_worker_that_cannot_start(
    graph_goes_away: bool, unused_tcp_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRASHGRAPH_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        supervisor = Supervisor(listening, lambda _: None)
        supervisor.connect(Endpoint(f"bolt://127.0.0.1:{unused_tcp_port}", "", "", "neo4j", "a password"))
        supervisor._ready.set()
        keeping = asyncio.create_task(supervisor._keep_worker())
        while not supervisor._children:
            await asyncio.sleep(0.05)
        (worker,) = supervisor._children
        if graph_goes_away:
            supervisor._ready.clear()
            assert await worker.wait() == 1
            await asyncio.sleep(3)
            assert not keeping.done(), "it waits for the graph"
            keeping.cancel()
        else:
            with pytest.raises(StartError, match="the worker did not start"):
                await keeping
