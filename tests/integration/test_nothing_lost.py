"""What was answered 2xx is stored exactly once, whoever is killed or stopped, and nothing is dropped when there is no room."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from polling import until, wait_for_service
from reports import traceback

from crashgraph.http_ingest.keys import Keys
from crashgraph.settings import Settings
from graph.model.statement import Statement
from graph.server import EmbeddedServer, Endpoint, ServerSettings
from graph.store import Neo4jGraph

STORED = Statement("MATCH (c:Crash) RETURN c.external_id AS id, count(*) AS count")
EVENTS = 500
SENDERS = 8


class Client:
    """Sends Sentry events and remembers which were answered 200."""

    def __init__(self, base: str, key: str) -> None:
        self.http = httpx.AsyncClient(base_url=base, timeout=60)
        self.key = key
        self.numbers = itertools.count()
        self.answered: set[str] = set()

    async def send(self) -> httpx.Response:
        """Send one event as an SDK does."""
        id = f"{next(self.numbers):032x}"
        frames = [{"abs_path": "/srv/shop/pay.py", "function": f"pay{int(id, 16) % 5}", "lineno": 41, "in_app": True}]
        event = {
            "event_id": id,
            "timestamp": "2026-03-01T12:00:00Z",
            "platform": "python",
            "exception": {"values": [{"type": "KeyError", "value": "'NZ'", "stacktrace": {"frames": frames}}]},
        }
        envelope = "\n".join(json.dumps(part) for part in ({"event_id": id}, {"type": "event"}, event))
        response = await self.http.post(f"/api/1/envelope/?sentry_key={self.key}", content=envelope)
        if response.status_code == 200:
            self.answered.add(id)
        return response

    async def send_many(self, count: int) -> list[int]:
        """Send events from several senders at once; the status of each answer."""
        left = iter(range(count))

        async def sender() -> list[int]:
            return [(await self.send()).status_code for _ in left]

        return list(itertools.chain.from_iterable(await asyncio.gather(*(sender() for _ in range(SENDERS)))))

    async def send_until_broken(self) -> None:
        """Send from several senders until the service is gone."""

        async def sender() -> None:
            while True:
                await self.send()

        done = await asyncio.gather(*(sender() for _ in range(SENDERS)), return_exceptions=True)
        assert all(isinstance(one, httpx.TransportError) for one in done), done

    async def waiting(self) -> float:
        """Reports that are not in the graph yet."""
        text = (await self.http.get("/metrics")).text
        found = re.search(r"^crashgraph_reports_waiting (\S+)$", text, re.MULTILINE)
        assert found
        return float(found[1])

    async def drained(self) -> None:
        """Wait until all accepted reports are stored."""

        async def is_empty() -> bool:
            return await self.waiting() == 0

        await until(is_empty, "the spool is empty", 150)


@contextmanager
def serving(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    log_path = Path(environment["CRASHGRAPH_HOME"], "serve.log")
    with log_path.open("ab") as log:
        command = [sys.executable, "-m", "crashgraph", "serve"]
        process = subprocess.Popen(command, env={**environment, "CRASHGRAPH_PORT": str(port)}, stdout=log, stderr=log)
    try:
        wait_for_service(process, f"http://127.0.0.1:{port}", log_path, 150)
        yield process
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def client(home: Path, port: int) -> AsyncIterator[Client]:
    made = Client(f"http://127.0.0.1:{port}", Keys(Settings(home=home)).first)
    async with made.http:
        yield made


def with_graph(home: Path, endpoint: Endpoint, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "CRASHGRAPH_HOME": str(home),
        "CRASHGRAPH_NEO4J_URI": endpoint.bolt_uri,
        "CRASHGRAPH_NEO4J_PASSWORD": endpoint.password,
        **more,
    }


def neo4j_process(home: Path) -> psutil.Process:
    pid = EmbeddedServer(ServerSettings(home=home)).status().pid
    assert pid is not None
    return psutil.Process(pid)


async def counts(graph: Neo4jGraph) -> dict[str, int]:
    return {row["id"]: row["count"] for row in await graph.read(STORED)}


@pytest.mark.timeout(600)
async def test_a_killed_service_loses_nothing_that_it_answered(
    graph: Neo4jGraph, endpoint: Endpoint, tmp_path: Path, unused_tcp_port: int
) -> None:
    environment = with_graph(tmp_path, endpoint)
    async with client(tmp_path, unused_tcp_port) as sender:
        with serving(environment, unused_tcp_port) as service:
            sending = asyncio.create_task(sender.send_until_broken())
            while len(sender.answered) < 50:
                await asyncio.sleep(0.05)
            await asyncio.sleep(random.uniform(0, 1))
            service.send_signal(signal.SIGKILL)
            await sending
        with serving(environment, unused_tcp_port) as service:
            await sender.drained()
            service.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(service.wait, 60) == 0
    stored = await counts(graph)
    assert sender.answered <= stored.keys()
    assert set(stored.values()) == {1}


@pytest.mark.timeout(900)
async def test_reports_are_accepted_while_neo4j_is_dead_and_the_service_is_killed_too(
    tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    settings = ServerSettings(
        home=tmp_path / "neo4j",
        bolt_port=unused_tcp_port_factory(),
        http_port=unused_tcp_port_factory(),
        heap_mb=512,
        page_cache_mb=64,
    )
    server = EmbeddedServer(settings)
    endpoint = await asyncio.to_thread(server.acquire)
    home, port = tmp_path / "home", unused_tcp_port_factory()
    home.mkdir()
    try:
        async with client(home, port) as sender:
            with serving(with_graph(home, endpoint), port) as service:
                assert await sender.send_many(8) == [200] * 8
                neo4j_process(tmp_path / "neo4j").kill()
                assert await sender.send_many(EVENTS) == [200] * EVENTS
                await look_at_queued(sender)
                service.send_signal(signal.SIGKILL)
            await asyncio.to_thread(server.acquire)
            with serving(with_graph(home, endpoint), port):
                await sender.drained()
                # Now only the database goes away and comes back.
                neo4j_process(tmp_path / "neo4j").kill()
                assert await sender.send_many(50) == [200] * 50
                await asyncio.to_thread(server.acquire)
                await sender.drained()
        async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as graph:
            stored = await counts(graph)
        assert stored == {**dict.fromkeys(sender.answered, 1), "by-post": 1, "by-graphql": 1}
        assert len(sender.answered) == 8 + EVENTS + 50
    finally:
        await asyncio.to_thread(server.stop)


async def look_at_queued(sender: Client) -> None:
    """Every interface says that a report waits."""
    address = "/api/reports?id=by-post&candidates=2"
    posted = await sender.http.post(address, content=traceback(0), headers={"Content-Type": "text/plain"})
    assert posted.status_code == 202
    (receipt,) = posted.json()["receipts"]
    assert (receipt["status"], receipt["pattern_id"], receipt["culprit"]) == ("queued", None, "pricing.tariff_of")
    assert "safe on disk" in receipt["reason"]
    mutation = (
        'mutation ($report: String!) { submitCrash(input: {report: $report, id: "by-graphql"}) {'
        " receipts { status reason crashId patternId pattern { name } known { occurrenceCount } } errors { code } } }"
    )
    asked = await sender.http.post("/graphql", json={"query": mutation, "variables": {"report": traceback(1)}})
    assert "errors" not in asked.json(), asked.text
    payload: dict[str, Any] = asked.json()["data"]["submitCrash"]
    assert payload["errors"] == []
    assert (payload["receipts"][0]["status"], payload["receipts"][0]["pattern"]) == ("QUEUED", None)


@pytest.mark.timeout(600)
async def test_a_full_spool_refuses_and_drops_nothing(
    graph: Neo4jGraph, endpoint: Endpoint, home: Path, tmp_path: Path, unused_tcp_port: int
) -> None:
    neo4j = neo4j_process(home)
    environment = with_graph(tmp_path, endpoint, CRASHGRAPH_SPOOL_MB="1")
    assert urlsplit(endpoint.bolt_uri).port in {one.laddr.port for one in neo4j.net_connections()}
    async with client(tmp_path, unused_tcp_port) as sender:
        with serving(environment, unused_tcp_port):
            assert (await sender.send()).status_code == 200
            neo4j.suspend()
            try:
                statuses = await sender.send_many(1_000)
                refused = await sender.send()
            finally:
                neo4j.resume()
            assert set(statuses) == {200, 429}
            assert statuses.count(200) > 100
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
            assert re.search("reports with . MiB wait to be stored, and CRASHGRAPH_SPOOL_MB allows 1 MiB", refused.text)
            await sender.drained()
            assert (await sender.send()).status_code == 200
    assert await counts(graph) == dict.fromkeys(sender.answered, 1)
