"""A worker that cannot start ends everything only if the graph is there, and it is that of the default organisation."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from polling import until

from crashgraph.supervisor.graph_keeper import GraphKeeper
from graph.model.errors import StartError
from graph.server import Endpoint

pytestmark = [pytest.mark.timeout(300)]


async def keeper_of(organisation: str, port: int) -> tuple[GraphKeeper, asyncio.Task[None]]:
    """A keeper with a graph that is said to work, and its worker, which starts."""
    keeper = GraphKeeper(organisation, lambda: None)
    keeper.connect(Endpoint(f"bolt://127.0.0.1:{port}", "", "", "neo4j", "a password"))
    keeper.works()
    keeping = asyncio.create_task(keeper.keep())

    async def has_worker() -> bool:
        return bool(keeper.children)

    await until(has_worker)
    return keeper, keeping


@pytest.mark.parametrize("graph_goes_away", [True, False])
async def test_a_worker_that_cannot_start(
    graph_goes_away: bool, unused_tcp_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRASHGRAPH_HOME", str(tmp_path))
    keeper, keeping = await keeper_of("default", unused_tcp_port)
    (worker,) = keeper.children
    if graph_goes_away:
        keeper.judge({"cause": "broken", "reason": "no answer"})
        assert await worker.wait() == 1
        await asyncio.sleep(3)
        assert not keeping.done(), "it waits for the graph"
        keeping.cancel()
    else:
        with pytest.raises(StartError, match="the worker did not start"):
            await keeping


async def test_a_worker_of_another_organisation_that_cannot_start_is_tried_again(
    unused_tcp_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CRASHGRAPH_HOME", str(tmp_path))
    keeper, keeping = await keeper_of("acme", unused_tcp_port)
    (worker,) = keeper.children
    assert await worker.wait() != 0
    await asyncio.sleep(1)
    assert not keeping.done()
    assert "organisation acme: the worker did not start" in caplog.text
    keeping.cancel()
