"""A text that is read without end freezes nothing, whichever way it comes, and takes no neighbour with it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from troubled import build_troubled

from crashgraph.app import AppDependencies, build_app
from crashgraph.settings import Settings
from crashgraph.wiring import Container, build_container, build_intake
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.ingest import process_pool
from graph.ingest.process_pool import PoolPreparer
from graph.server import Endpoint
from graph.sources.submission import Submission
from graph.store import Neo4jGraph

pytestmark = pytest.mark.timeout(600)

GOOD = """Traceback (most recent call last):
  File "/srv/shop/orders.py", line 7, in load
    order["lines"]
KeyError: 'lines'
"""
HANGING = f"SPIN\n{GOOD}"
REASON = "reading it took longer than 1 s"
MATCH = "query($input: CrashInput!) { matchCrash(input: $input) { status reason errorType explanation } }"
SUBMIT = """mutation($input: CrashInput!) { submitCrash(input: $input) {
  receipts { status reason } errors { message } } }"""
LONGEST_GAP = 0.7
"""Seconds for which the event loop may be busy with something else; the text is read for a second of processor time."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service in this process."""

    container: Container
    client: httpx.AsyncClient

    async def graphql(self, document: str, report: str) -> Any:
        """The first field of the answer."""
        asked = {"query": document, "variables": {"input": {"report": report}}}
        answer = (await self.client.post("/graphql", json=asked)).json()
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))

    async def local(self, way: str, report: str) -> httpx.Response:
        """What a command on this machine asks."""
        asked = {"submissions": [{"report": report}], "options": {"jsonl": True}}
        return await self.client.post(f"/api/local/{way}", json=asked, headers={"authorization": "Bearer token"})


@pytest_asyncio.fixture(scope="module")
async def pool() -> AsyncIterator[PoolPreparer]:
    async with PoolPreparer(build_troubled, seconds=1.0, workers=2) as preparer:
        await preparer.start()
        yield preparer


@pytest_asyncio.fixture
async def service(
    pool: PoolPreparer,
    graph: Neo4jGraph,
    endpoint: Endpoint,
    embedder: MiniLmEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Service]:
    monkeypatch.setattr(process_pool, "PATIENCE", 60)
    container = build_container(Settings(home=tmp_path), graph, endpoint, embedder, pool)
    async with build_intake(container) as intake:
        app = build_app(AppDependencies(container, intake, "token"))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            yield Service(container, client)


async def by_match(service: Service, report: str) -> tuple[str, str | None]:
    (answer,) = await service.graphql(MATCH, report)
    return answer["status"], answer["reason"]


async def by_submission(service: Service, report: str) -> tuple[str, str | None]:
    (receipt,) = (await service.graphql(SUBMIT, report))["receipts"]
    return receipt["status"], receipt["reason"]


async def by_report(service: Service, report: str) -> tuple[str, str | None]:
    answer = await service.client.post("/api/reports", content=report.encode(), headers={"content-type": "text/plain"})
    (receipt,) = answer.json()["receipts"]
    return receipt["status"], receipt["reason"]


async def by_command_match(service: Service, report: str) -> tuple[str, str | None]:
    answer = json.loads((await service.local("match", report)).content)
    return answer["status"], answer["reason"]


async def by_command_ingest(service: Service, report: str) -> tuple[str, str | None]:
    (receipt,) = (await service.local("reports", report)).json()
    return receipt["status"], receipt["reason"]


async def by_stream(service: Service, report: str) -> tuple[str, str | None]:
    """What ``crashgraph ingest`` does without a service."""
    (receipts,) = [one async for one in service.container.receiver.stream([Submission(report=report)], 10)]
    return receipts[0].status, receipts[0].reason


WAYS = (by_match, by_submission, by_report, by_command_match, by_command_ingest, by_stream)


@pytest.mark.parametrize("way", WAYS)
async def test_a_text_that_is_read_without_end_freezes_nothing(
    service: Service, way: Callable[[Service, str], Awaitable[tuple[str, str | None]]]
) -> None:
    assert (await way(service, GOOD))[0] == "matched"
    hanging = asyncio.ensure_future(way(service, HANGING))
    gaps = []
    while not hanging.done():
        begin = time.monotonic()
        await asyncio.sleep(0.02)
        gaps.append(time.monotonic() - begin)
    assert await hanging == ("unparsed", REASON)
    assert max(gaps) < LONGEST_GAP
    assert (await way(service, GOOD))[0] == "matched"


async def test_a_match_is_explained_as_by_one_process(service: Service) -> None:
    (answer,) = await service.container.matcher.match(Submission(report=GOOD))
    assert [one.part for one in answer.components][:3] == ["type", "message", "frame 0"]
